package io.inferencerouter.benchmarks.soak;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.grpc.RoutingChannel;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Calls one after the other, as {@link Caller} does: embeddings, which are safe to be made again
 * and are never given up, and chats as streams, of which some are given up at a random moment.
 * Pauses when the router has refused a call.
 */
final class GrpcCaller implements Runnable {
  private static final byte[] QUESTION = new byte[256];
  private static final int PATIENCE_SECONDS = 60;

  private static final CallOptions SAFE =
      CallOptions.DEFAULT.withOption(
          RoutingChannel.INFERENCE_REQUEST,
          InferenceRequest.forModel("m").idempotent(true).outputLimit(0).build());

  private static final CallOptions UNSAFE =
      CallOptions.DEFAULT.withOption(
          RoutingChannel.INFERENCE_REQUEST,
          InferenceRequest.forModel("m").streaming(true).outputLimit(16).build());

  private final Channel channel;
  private final Tally tally;
  private final SplittableRandom random;
  private final Pause pause;
  private final ScheduledExecutorService timer;
  private final BooleanSupplier goesOn;

  GrpcCaller(
      Channel channel,
      Tally tally,
      long seed,
      Pause pause,
      ScheduledExecutorService timer,
      BooleanSupplier goesOn) {
    this.channel = channel;
    this.tally = tally;
    this.random = new SplittableRandom(seed);
    this.pause = pause;
    this.timer = timer;
    this.goesOn = goesOn;
  }

  @Override
  public void run() {
    while (goesOn.getAsBoolean()) {
      if (random.nextInt(3) == 0) {
        call(GrpcInference.EMBED, SAFE, false);
      } else {
        call(GrpcInference.CHAT, UNSAFE, random.nextInt(4) == 0);
      }
    }
  }

  private void call(
      MethodDescriptor<byte[], byte[]> method, CallOptions options, boolean isGivenUp) {
    ClientCall<byte[], byte[]> call = channel.newCall(method, options);
    Answer answer = new Answer(call);
    call.start(answer, new Metadata());
    call.request(1);
    call.sendMessage(QUESTION);
    call.halfClose();
    if (isGivenUp) {
      giveUpLater(answer);
    }
    tell(answer.await(), answer, options == SAFE);
  }

  private void tell(Status status, Answer answer, boolean isSafe) {
    if (status.isOk()) {
      tally.answered.increment();
    } else if (answer.isGivenUp.get()) {
      tally.cancelled.increment();
    } else if (answer.begun) {
      tally.cut.increment();
    } else {
      tally.failed(isSafe, () -> status.getCode() + ": " + status.getDescription());
      pause.after(status.getCause());
    }
  }

  private void giveUpLater(Answer answer) {
    try {
      var unused = timer.schedule(answer::giveUp, random.nextInt(30), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ending) {
      answer.giveUp();
    }
  }

  /** What is heard of a call. */
  private static final class Answer extends ClientCall.Listener<byte[]> {
    final AtomicBoolean isGivenUp = new AtomicBoolean();
    volatile boolean begun;

    private final ClientCall<byte[], byte[]> call;
    private final CompletableFuture<Status> end = new CompletableFuture<>();

    Answer(ClientCall<byte[], byte[]> call) {
      this.call = call;
    }

    void giveUp() {
      if (!end.isDone()) {
        isGivenUp.set(true);
        call.cancel("given up", null);
      }
    }

    /** From here on the caller is bound to this answer, and no other attempt may follow. */
    @Override
    public void onHeaders(Metadata headers) {
      begun = true;
    }

    @Override
    public void onMessage(byte[] message) {
      call.request(1);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      end.complete(status);
    }

    /** The end of the call, or that it does not come. */
    Status await() {
      try {
        return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Status.ABORTED.withCause(e);
      } catch (ExecutionException | TimeoutException e) {
        call.cancel("no end", e);
        return Status.ABORTED.withCause(e);
      }
    }
  }
}
