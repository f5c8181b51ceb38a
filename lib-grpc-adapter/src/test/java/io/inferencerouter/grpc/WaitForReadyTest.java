package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Calls that wait for ready while the router has no endpoint for them. */
class WaitForReadyTest extends RoutedTest {
  private static final CallOptions PATIENT = CallOptions.DEFAULT.withWaitForReady();

  private ClientCall<Ask, Answer> patient() {
    return channel.newCall(ExchangeGrpc.getUnaryMethod(), PATIENT);
  }

  @Test
  void theyWaitForTheFirstEndpoint() throws Exception {
    ExchangeServer late = serve("late");
    use();
    List<RecordedListener<Answer>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(send(patient(), ask(1)));
    }
    assertThat(unary(ask(1)).status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(all).noneMatch(RecordedListener::isClosed);
    router.updateEndpoints(List.of(late.endpoint().build()));
    for (RecordedListener<Answer> listener : all) {
      assertThat(listener.status()).isEqualTo(Status.OK);
    }
    assertThat(late.service.calls).hasValue(5);
  }

  @Test
  void theyWaitForOneThatComesBack() throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    router.eject("only", Duration.ofHours(1));
    RecordedListener<Answer> listener = send(patient(), ask(1));
    assertThat(unary(ask(1)).status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(listener.isClosed()).isFalse();
    router.reinstate("only");
    assertThat(listener.status()).isEqualTo(Status.OK);
  }

  @Test
  void theyDoNotWaitForAModelThatNobodyServes() throws Exception {
    use(serve("only").endpoint().model("known").build());
    ClientCall<Ask, Answer> call =
        channel.newCall(
            ExchangeGrpc.getUnaryMethod(),
            PATIENT.withOption(
                RoutingChannel.INFERENCE_REQUEST, InferenceRequest.forModel("unknown").build()));
    assertThat(send(call, ask(1)).status().getCode()).isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void theirDeadlineEndsTheWait() throws Exception {
    VirtualScheduler scheduler = new VirtualScheduler();
    channels = channels().build();
    router = router().build();
    channel = routing().scheduler(scheduler).build();
    RecordedListener<Answer> listener =
        send(
            channel.newCall(
                ExchangeGrpc.getUnaryMethod(),
                PATIENT.withDeadline(VirtualDeadlines.after(3, TimeUnit.SECONDS, scheduler))),
            ask(1));
    scheduler.advanceMillis(2_999);
    assertThat(listener.isClosed()).isFalse();
    scheduler.advanceMillis(1);
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(listener.status().getDescription()).contains("waiting for an endpoint");
    scheduler.advanceMillis(10);
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void theyCanBeCancelled() throws Exception {
    use();
    ClientCall<Ask, Answer> call = patient();
    RecordedListener<Answer> listener = send(call, ask(1));
    call.cancel("not wanted", null);
    assertThat(listener.status().getDescription()).isEqualTo("not wanted");
  }

  @Test
  void aChannelThatIsShutDownWaitsForThemAndAtOnceDoesNot() throws Exception {
    use();
    RecordedListener<Answer> listener = send(patient(), ask(1));
    channel.shutdown();
    assertThat(channel.isTerminated()).isFalse();
    channel.shutdownNow();
    assertThat(listener.status().getDescription()).isEqualTo("Channel shutdownNow invoked");
  }

  @Test
  void aRouterThatIsClosedMeanwhileEndsTheWait() throws Exception {
    VirtualScheduler scheduler = new VirtualScheduler();
    channels = channels().build();
    router = router().build();
    channel = routing().scheduler(scheduler).build();
    RecordedListener<Answer> listener = send(patient(), ask(1));
    router.close();
    for (int i = 0; i < 100; i++) {
      scheduler.advanceMillis(10);
    }
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(listener.status().getCause())
        .isInstanceOf(io.inferencerouter.RouterClosedException.class);
  }
}
