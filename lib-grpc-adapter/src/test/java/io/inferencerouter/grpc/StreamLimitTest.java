package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.inferencerouter.Candidates;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Calls and the streams of a connection, of which there may be fewer than slots. */
class StreamLimitTest extends RoutedTest {
  private static final int IN_TURN = -1;

  private final AtomicInteger turn = new AtomicInteger();

  /** The endpoint that the router takes as long as it has a slot; or all in turn. */
  private volatile int favourite;

  private int select(InferenceRequest request, Candidates candidates) {
    int chosen = favourite == IN_TURN ? turn.getAndIncrement() % candidates.size() : favourite;
    for (int i = 0; i < candidates.size(); i++) {
      int next = (chosen + i) % candidates.size();
      if (candidates.isAvailable(next)) {
        return next;
      }
    }
    return EndpointSelector.NONE;
  }

  private void use(int streams, Endpoint... endpoints) {
    channels = channels().maxConcurrentStreams(streams).build();
    router = router(endpoints).selector(this::select).build();
    channel = routing().build();
  }

  private final List<ClientCall<Ask, Answer>> calls = new ArrayList<>();

  private RecordedListener<Answer> start() {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUnaryMethod());
    calls.add(call);
    return send(call, hang());
  }

  @Test
  void aCallThatFindsNoStreamGoesToAnotherEndpoint() throws Exception {
    ExchangeServer first = serve("first");
    ExchangeServer second = serve("second");
    use(
        2,
        first.endpoint().maxConcurrency(20).build(),
        second.endpoint().maxConcurrency(2).build());
    List<RecordedListener<Answer>> listeners = new ArrayList<>();
    listeners.add(start());
    listeners.add(start());
    favourite = IN_TURN;
    listeners.add(start());
    listeners.add(start());
    for (int i = 0; i < 2; i++) {
      Waiting.take(second.service.asked, "a request at the second");
      Waiting.take(first.service.asked, "a request at the first");
    }
    assertThat(first.service.calls.get()).isEqualTo(2);
    calls.forEach(call -> call.cancel("done", null));
    for (RecordedListener<Answer> listener : listeners) {
      assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    }
  }

  @Test
  void aCallThatFindsNoneAnywhereWaitsForTheFirstOne() throws Exception {
    ExchangeServer first = serve("first");
    ExchangeServer second = serve("second");
    use(
        1,
        first.endpoint().maxConcurrency(100).build(),
        second.endpoint().maxConcurrency(1).build());
    RecordedListener<Answer> one = start();
    Waiting.take(first.service.asked, "a request at the first");
    favourite = 1;
    RecordedListener<Answer> two = start();
    Waiting.take(second.service.asked, "a request at the second");
    favourite = IN_TURN;
    List<RecordedListener<Answer>> parked = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      parked.add(
          send(
              call(channel, ExchangeGrpc.getUnaryMethod()),
              ask(1).toBuilder().setNumber(i).build()));
    }
    assertThat(first.service.calls).hasValue(1);
    assertThat(second.service.calls).hasValue(1);
    // The second endpoint gets free, and the calls have leases of the first.
    calls.get(1).cancel("done", null);
    for (RecordedListener<Answer> listener : parked) {
      assertThat(listener.status()).isEqualTo(Status.OK);
      assertThat(listener.message().getServer()).isEqualTo("second");
    }
    calls.get(0).cancel("done", null);
    assertThat(one.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(two.status().getCode()).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void callsThatWaitForAStreamGetItInTheirOrder() throws Exception {
    ExchangeServer only = serve("only");
    use(1, only.endpoint().maxConcurrency(100).build());
    RecordedListener<Answer> blocking = start();
    Waiting.take(only.service.asked, "the request");
    List<RecordedListener<Answer>> parked = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      parked.add(
          send(
              call(channel, ExchangeGrpc.getUnaryMethod()),
              ask(1).toBuilder().setNumber(i).build()));
    }
    calls.get(0).cancel("done", null);
    assertThat(blocking.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    for (int i = 0; i < 10; i++) {
      assertThat(parked.get(i).status()).isEqualTo(Status.OK);
      assertThat(Waiting.take(only.service.asked, "a request").getNumber()).isEqualTo(i);
    }
  }

  @Test
  void aCallThatWaitsForAStreamCanBeCancelledAndTimesOut() throws Exception {
    ExchangeServer only = serve("only");
    use(1, only.endpoint().maxConcurrency(100).build());
    VirtualScheduler scheduler = new VirtualScheduler();
    channel = routing().scheduler(scheduler).build();
    RecordedListener<Answer> blocking = start();
    Waiting.take(only.service.asked, "the request");
    RecordedListener<Answer> cancelled = start();
    RecordedListener<Answer> late =
        send(
            channel.newCall(
                ExchangeGrpc.getUnaryMethod(),
                CallOptions.DEFAULT.withDeadline(
                    VirtualDeadlines.after(50, TimeUnit.MILLISECONDS, scheduler))),
            ask(1));
    calls.get(1).cancel("not wanted", null);
    scheduler.advanceMillis(50);
    assertThat(cancelled.status().getDescription()).isEqualTo("not wanted");
    assertThat(late.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(late.status().getDescription()).contains("waiting for a stream");
    assertThat(router.snapshot().inFlight()).isEqualTo(1);
    calls.get(0).cancel("done", null);
    assertThat(blocking.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(unary(ask(1)).status()).isEqualTo(Status.OK);
  }

  @Test
  void shuttingDownAtOnceEndsCallsThatWaitForAStream() throws Exception {
    ExchangeServer only = serve("only");
    use(1, only.endpoint().maxConcurrency(100).build());
    RecordedListener<Answer> sent = start();
    Waiting.take(only.service.asked, "the request");
    RecordedListener<Answer> parked = start();
    channel.shutdownNow();
    assertThat(parked.status().getDescription()).isEqualTo("Channel shutdownNow invoked");
    assertThat(sent.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(observed.outcomes).containsOnly(Outcome.cancelled());
  }
}
