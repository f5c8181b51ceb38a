package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.SlowStart;
import io.inferencerouter.core.StallPolicy;
import io.inferencerouter.core.testing.ChildServer;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The first endpoint is a process of its own, which is stopped, or killed and started again. */
class ServerProcessTest extends RoutedTest {
  private static final Duration BRIEF = Duration.ofMillis(500);

  private ChildServer child;

  @BeforeEach
  void startBoth() throws Exception {
    child = new ChildServer(GrpcServerProcess.class);
    ExchangeServer second = serve("second");
    channels = channels().build();
    router =
        router(Endpoint.of("first", child.uri()), second.endpoint().build())
            .selector((request, of) -> of.isAvailable(0) ? 0 : 1)
            .health(HealthPolicy.builder().ejection(BRIEF, BRIEF).build())
            .slowStart(SlowStart.none())
            .stalls(StallPolicy.builder().firstTokenBounds(BRIEF, BRIEF).build())
            .build();
    channel = routing().build();
  }

  @AfterEach
  void killTheChild() throws Exception {
    child.kill();
  }

  /** Makes a call, which must not be lost; says who has answered it. */
  private String call() {
    try {
      ClientCall<Ask, Answer> call =
          channel.newCall(
              ExchangeGrpc.getDownloadMethod(),
              CallOptions.DEFAULT.withOption(
                  RoutingChannel.INFERENCE_REQUEST,
                  InferenceRequest.forAnyModel().replayable(true).streaming(true).build()));
      RecordedListener<Answer> listener = new RecordedListener<>();
      call.start(listener, new Metadata());
      call.request(2);
      call.sendMessage(ask(1));
      call.halfClose();
      assertThat(listener.status()).isEqualTo(Status.OK);
      return listener.message().getServer();
    } catch (Exception lost) {
      throw new AssertionError("a call was lost", lost);
    }
  }

  private void answersAgain() {
    Waiting.until(
        () -> {
          made.forEach(ManagedChannel::resetConnectBackoff);
          return call().equals(GrpcServerProcess.NAME);
        },
        "the first endpoint to answer again");
  }

  @Test
  void aProcessThatIsStoppedIsReplacedUntilItGoesOn() throws Exception {
    assumeTrue(ChildServer.canBeStopped(), "needs /bin/sh and /proc to stop a process");
    answersAgain();

    child.stop();
    try {
      for (int i = 0; i < 3; i++) {
        assertThat(call()).isEqualTo("second");
      }
    } finally {
      child.resume();
    }

    answersAgain();
  }

  @Test
  void aProcessThatIsKilledIsReplacedUntilItIsBack() throws Exception {
    answersAgain();

    child.kill();
    for (int i = 0; i < 20; i++) {
      assertThat(call()).isEqualTo("second");
    }
    assertThat(Waiting.take(observed.ejected, "the endpoint to be ejected")).isNotNull();
    child.start();

    answersAgain();
  }
}
