package io.inferencerouter.benchmarks.soak;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Calls one after the other: embeddings, which are safe to be made again and are never given up,
 * and chats, in one piece or as streams, of which some are given up at a random moment. Pauses when
 * the router has refused a call.
 */
final class Caller implements Runnable {
  private static final MediaType JSON = MediaType.get("application/json");
  private static final String EMBEDDINGS =
      "{\"model\":\"m\",\"input\":\"a text that is to be embedded\"}";
  private final Call.Factory calls;
  private final Tally tally;
  private final SplittableRandom random;
  private final Pause pause;
  private final ScheduledExecutorService timer;
  private final BooleanSupplier goesOn;

  Caller(
      Call.Factory calls,
      Tally tally,
      long seed,
      Pause pause,
      ScheduledExecutorService timer,
      BooleanSupplier goesOn) {
    this.calls = calls;
    this.tally = tally;
    this.random = new SplittableRandom(seed);
    this.pause = pause;
    this.timer = timer;
    this.goesOn = goesOn;
  }

  @Override
  public void run() {
    while (goesOn.getAsBoolean()) {
      int kind = random.nextInt(3);
      if (kind == 0) {
        call("/v1/embeddings", EMBEDDINGS, true, false);
      } else {
        boolean givenUp = random.nextInt(4) == 0;
        call("/v1/chat/completions", chat(kind == 1), false, givenUp);
      }
    }
  }

  private static String chat(boolean stream) {
    return "{\"model\":\"m\",\"stream\":"
        + stream
        + ",\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"content\":\"Why?\"}]}";
  }

  private void call(String path, String body, boolean isSafe, boolean givenUp) {
    Call call =
        calls.newCall(
            new Request.Builder()
                .url("http://inference.invalid" + path)
                .post(RequestBody.create(body, JSON))
                .build());
    if (givenUp) {
      giveUpLater(call);
    }
    boolean begun = false;
    try (Response response = call.execute()) {
      begun = response.isSuccessful();
      if (begun) {
        drain(response);
        tally.answered.increment();
      } else {
        tally.failed(isSafe, () -> "status " + response.code());
        if (response.networkResponse() == null) {
          pause.take(); // it was made here, for a request that was shed
        }
      }
    } catch (IOException e) {
      if (call.isCanceled()) {
        tally.cancelled.increment();
      } else if (begun) {
        tally.cut.increment();
      } else {
        tally.failed(isSafe, e::toString);
        pause.after(e);
      }
    }
  }

  private static void drain(Response response) throws IOException {
    try (var source = response.body().source()) {
      while (!source.exhausted()) {
        source.skip(source.getBuffer().size());
      }
    }
  }

  private void giveUpLater(Call call) {
    try {
      var unused = timer.schedule(call::cancel, random.nextInt(30), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ending) {
      call.cancel();
    }
  }
}
