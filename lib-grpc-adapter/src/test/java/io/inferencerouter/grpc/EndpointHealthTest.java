package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.Candidates;
import io.inferencerouter.EjectionReason.Cause;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.RetryPolicy;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.grpc.RawHttp2Server.Treatment;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What counts against the health of an endpoint, and what does not, however often it comes. */
class EndpointHealthTest extends RoutedTest {
  private static final int CALLS = 20;

  private final VirtualScheduler scheduler = new VirtualScheduler();
  private final List<Cause> ejections = new CopyOnWriteArrayList<>();

  private static int select(InferenceRequest request, Candidates candidates) {
    int suspect = candidates.endpoint(0).id().equals("suspect") ? 0 : 1;
    return candidates.isAvailable(suspect) ? suspect : 1 - suspect;
  }

  private void useWithSuspect(Endpoint suspect, Endpoint good) {
    channels = channels().build();
    router =
        router(suspect, good)
            .selector(EndpointHealthTest::select)
            .ticker(scheduler::nanos)
            .scheduler(scheduler)
            .executor(Runnable::run)
            .retries(RetryPolicy.builder().backoff(Duration.ZERO).budgetRatio(1).build())
            .listener(
                new RouterListener() {
                  @Override
                  public void endpointEjected(EndpointEjected event) {
                    ejections.add(event.reason().cause());
                  }
                })
            .build();
    channel = routing().build();
  }

  /**
   * Makes calls with an hour between them, so that an endpoint that is left alone is asked again.
   */
  private List<Status.Code> calls(Ask ask, InferenceRequest request) throws Exception {
    List<Status.Code> codes = new ArrayList<>();
    CallOptions options = CallOptions.DEFAULT.withOption(RoutingChannel.INFERENCE_REQUEST, request);
    for (int i = 0; i < CALLS; i++) {
      RecordedListener<Answer> listener =
          send(channel.newCall(ExchangeGrpc.getUnaryMethod(), options), ask);
      codes.add(listener.status().getCode());
      scheduler.advanceMillis(TimeUnit.HOURS.toMillis(1));
    }
    return codes;
  }

  @Test
  void aServerThatRefusesStreamsUnseenIsNotUnwell() throws Exception {
    ExchangeServer good = serve("good");
    try (RawHttp2Server suspect = new RawHttp2Server(Treatment.REFUSE, 100)) {
      useWithSuspect(suspect.endpoint("suspect").build(), good.endpoint().build());
      assertThat(calls(ask(1), InferenceRequest.anyModel())).containsOnly(Status.Code.OK);
      assertThat(good.service.calls).hasValue(CALLS);
      assertThat(suspect.streams).hasSizeGreaterThanOrEqualTo(CALLS);
      assertThat(ejections).isNotEmpty().containsOnly(Cause.RATE_LIMITED);
    }
  }

  @Test
  void aServerThatIsExhaustedIsNotUnwell() throws Exception {
    ExchangeServer suspect = serve("suspect");
    ExchangeServer good = serve("good");
    useWithSuspect(suspect.endpoint().build(), good.endpoint().build());
    Metadata later = new Metadata();
    later.put(Pushback.MILLIS, "500");
    suspect.trailers = later;
    Ask exhausted = Ask.newBuilder().setCode(Status.Code.RESOURCE_EXHAUSTED.value()).build();
    assertThat(calls(exhausted, InferenceRequest.anyModel()))
        .containsOnly(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(suspect.service.calls).hasValue(CALLS);
    assertThat(ejections).hasSize(CALLS).containsOnly(Cause.RATE_LIMITED);
  }

  @Test
  void aServerThatIsDeadIsLeftAlone() throws Exception {
    ExchangeServer suspect = serve("suspect");
    ExchangeServer good = serve("good");
    suspect.kill();
    useWithSuspect(suspect.endpoint().build(), good.endpoint().build());
    assertThat(calls(ask(1), InferenceRequest.anyModel())).containsOnly(Status.Code.OK);
    assertThat(good.service.calls).hasValue(CALLS);
    assertThat(ejections).isNotEmpty().allMatch(Cause::isHealth);
  }
}
