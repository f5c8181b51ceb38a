package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import okhttp3.Call;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Several calls at a time compete for two slots; each has a plan of its own for how it is routed
 * and started, what it is answered, how much of the answer is read, and when it is cancelled and
 * closed. Whatever the interleaving, every lease ends exactly once and nothing stays reserved.
 */
class LeaseLifecycleTest {
  private static SharedServer shared;
  private static ExecutorService threads;

  enum Answer {
    JSON,
    STREAM,
    ENDLESS_STREAM,
    ERROR,
    EMPTY,
    CUT,
    CUT_WITHIN
  }

  enum Cancel {
    NEVER,
    BEFORE,
    AT_ONCE,
    AFTER_HEADERS,
    AFTER_READING,
    AFTER_CLOSING
  }

  record Plan(
      Wire wire,
      boolean intercepted,
      boolean enqueued,
      Answer answer,
      int bytesRead,
      Cancel cancel,
      int closes) {}

  @BeforeContainer
  static void start() throws Exception {
    shared = new SharedServer();
    shared.server.script(LeaseLifecycleTest::answer);
    threads = Executors.newCachedThreadPool();
  }

  @AfterContainer
  static void stop() throws Exception {
    threads.shutdownNow();
    shared.stop();
  }

  private static void answer(Exchange exchange) throws Exception {
    switch (Answer.valueOf(exchange.headers.get("X-Answer"))) {
      case JSON -> exchange.respond(200, "application/json", "{\"usage\":{\"prompt_tokens\":1}}");
      case STREAM ->
          exchange.respond(
              200, "text/event-stream", "data: {}\n\n".repeat(20) + "data: [DONE]\n\n");
      case ENDLESS_STREAM -> {
        var out = exchange.begin(200, "text/event-stream");
        while (true) {
          Exchange.send(out, "data: {}\n\n".repeat(100));
        }
      }
      case ERROR -> exchange.respond(503, "text/plain", "busy");
      case EMPTY -> exchange.respondEmpty(204);
      case CUT -> exchange.cut();
      case CUT_WITHIN -> {
        Exchange.send(exchange.begin(200, "text/event-stream"), "data: {}\n\n");
        exchange.cut();
      }
    }
  }

  @Provide
  Arbitrary<Plan> plans() {
    return Combinators.combine(
            Arbitraries.of(Wire.class),
            Arbitraries.of(true, false),
            Arbitraries.of(true, false),
            Arbitraries.of(Answer.class),
            Arbitraries.of(0, 1, 30, Integer.MAX_VALUE),
            Arbitraries.of(Cancel.class),
            Arbitraries.of(1, 2))
        .as(Plan::new);
  }

  @Property(tries = 120, edgeCases = EdgeCasesMode.NONE)
  void everyLeaseEndsOnceAndNothingStaysReserved(
      @ForAll @Size(min = 1, max = 8) List<@From("plans") Plan> plans) throws Exception {
    List<Future<Boolean>> all = new ArrayList<>();
    for (Plan plan : plans) {
      all.add(threads.submit(follow(plan)));
    }
    for (Future<Boolean> one : all) {
      assertThat(one.get(60, TimeUnit.SECONDS)).isTrue();
    }
    // A lease that is granted while its call gives up goes back a moment after the call has ended.
    Waiting.until(shared.observed::everyLeaseHasEnded, "every lease to end");
    Waiting.until(() -> shared.router.snapshot().queued() == 0, "the queue to be empty");
    for (EndpointSnapshot endpoint : shared.router.snapshot().endpoints()) {
      assertThat(endpoint.inFlight()).isZero();
      assertThat(endpoint.reservedInput()).isZero();
      assertThat(endpoint.reservedOutput()).isZero();
    }
  }

  /**
   * Follows a plan. Any call may fail, for a connection that is cut takes all its calls along; one
   * that was cancelled before must.
   */
  private static Callable<Boolean> follow(Plan plan) {
    Call call =
        (plan.intercepted() ? shared.intercepted : shared.calls)
            .get(plan.wire())
            .newCall(
                new Request.Builder()
                    .url("http://inference/v1/chat/completions")
                    .header("X-Answer", plan.answer().name())
                    .post(RequestBody.create(RoutedTest.CHAT, RoutedTest.JSON))
                    .build());
    return () -> {
      List<Future<?>> cancelling = new ArrayList<>();
      if (plan.cancel() == Cancel.BEFORE) {
        call.cancel();
      } else if (plan.cancel() == Cancel.AT_ONCE) {
        cancelling.add(threads.submit(call::cancel));
      }
      boolean answered;
      try {
        read(plan, call, plan.enqueued() ? enqueue(call) : call.execute());
        answered = true;
      } catch (IOException e) {
        answered = false;
      }
      for (Future<?> cancel : cancelling) {
        cancel.get();
      }
      return !(answered && plan.cancel() == Cancel.BEFORE);
    };
  }

  private static Response enqueue(Call call) throws IOException, InterruptedException {
    RecordedCallback callback = new RecordedCallback();
    call.enqueue(callback);
    return callback.get();
  }

  private static void read(Plan plan, Call call, Response response) throws IOException {
    if (plan.cancel() == Cancel.AFTER_HEADERS) {
      call.cancel();
    }
    try {
      // A stream without end is left before its end, or it would be read forever.
      long most =
          plan.answer() == Answer.ENDLESS_STREAM
              ? Math.min(plan.bytesRead(), 50_000)
              : plan.bytesRead();
      for (long left = most; left > 0 && !response.body().source().exhausted(); left--) {
        response.body().source().readByte();
      }
      if (plan.cancel() == Cancel.AFTER_READING) {
        call.cancel();
      }
    } finally {
      for (int i = 0; i < plan.closes(); i++) {
        response.close();
      }
    }
    if (plan.cancel() == Cancel.AFTER_CLOSING) {
      call.cancel();
    }
  }
}
