package io.inferencerouter.core.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.AttemptStalled;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointChanged;
import io.inferencerouter.FaultIsolated;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.LeaseReclaimed;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.Revocation;
import io.inferencerouter.RouterClosedException;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.VirtualTime;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** However many models, tenants and sessions there are, there are no more meters for it. */
class MetricTagsTest {
  private static final int REQUESTS = 200;

  /** In all that a request or its failure brings along, so that it is found wherever it gets to. */
  private static final String MARK = "from-a-request";

  private static final Endpoint ENDPOINT = Endpoint.of("a", "http://a");

  private final VirtualTime time = new VirtualTime();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RouterMetrics metrics = new RouterMetrics(registry);
  private final InferenceRouter router =
      InferenceRouters.builder()
          .endpoint(ENDPOINT)
          .listener(metrics)
          .ticker(time)
          .scheduler(time)
          .executor(Runnable::run)
          .build();

  @BeforeEach
  void bind() {
    metrics.bindTo(router);
  }

  /** Something that befalls a request. */
  private interface Fate {
    void befall(MetricTagsTest test, InferenceRequest request, int number);
  }

  private enum Event implements Fate {
    LEASE_COMPLETED("leaseCompleted") {
      @Override
      public void befall(MetricTagsTest test, InferenceRequest request, int number) {
        for (Outcome outcome : outcomes(number)) {
          test.metrics.leaseCompleted(test.lease(request), outcome, number);
        }
      }
    },
    FIRST_TOKEN("firstToken") {
      @Override
      public void befall(MetricTagsTest test, InferenceRequest request, int number) {
        test.metrics.firstToken(test.lease(request), number);
      }
    },
    ATTEMPT_RETRIED("attemptRetried") {
      @Override
      public void befall(MetricTagsTest test, InferenceRequest request, int number) {
        Duration backoff = Duration.ofMillis(number);
        for (Outcome outcome : outcomes(number)) {
          test.metrics.attemptRetried(
              new AttemptRetried(request, ENDPOINT, outcome, 1 + number, backoff, number));
          for (Revocation why : Revocation.values()) {
            test.metrics.attemptRetried(
                new AttemptRetried(request, ENDPOINT, outcome, 1 + number, backoff, number, why));
          }
        }
      }
    },
    ATTEMPT_STALLED("attemptStalled") {
      @Override
      public void befall(MetricTagsTest test, InferenceRequest request, int number) {
        Duration idle = Duration.ofMillis(number);
        for (boolean begun : new boolean[] {true, false}) {
          test.metrics.attemptStalled(
              new AttemptStalled(
                  request, ENDPOINT, begun, idle, idle, idle, Revocation.UNANSWERED));
        }
      }
    },
    LEASE_RECLAIMED("leaseReclaimed") {
      @Override
      public void befall(MetricTagsTest test, InferenceRequest request, int number) {
        test.metrics.leaseReclaimed(
            new LeaseReclaimed(
                request, ENDPOINT, Duration.ofHours(number), new Throwable(MARK + number)));
      }
    },
    RETRY_REFUSED("retryRefused") {
      @Override
      public void befall(MetricTagsTest test, InferenceRequest request, int number) {
        for (RetryRefused.Reason reason : RetryRefused.Reason.values()) {
          test.metrics.retryRefused(
              new RetryRefused(request, ENDPOINT, Outcome.timeout(), 1 + number, reason));
        }
      }
    },
    REQUEST_SHED("requestShed") {
      @Override
      public void befall(MetricTagsTest test, InferenceRequest request, int number) {
        String message = MARK + number;
        for (OverloadedException.Reason reason : OverloadedException.Reason.values()) {
          test.metrics.requestShed(
              new RequestShed(
                  request, new OverloadedException(reason, Duration.ofMillis(number), message)));
        }
        for (NoEndpointException.Reason reason : NoEndpointException.Reason.values()) {
          test.metrics.requestShed(
              new RequestShed(request, new NoEndpointException(reason, message)));
        }
        test.metrics.requestShed(new RequestShed(request, new RouterClosedException()));
      }
    },
    FAULT_ISOLATED("faultIsolated") {
      @Override
      public void befall(MetricTagsTest test, InferenceRequest request, int number) {
        for (FaultIsolated.Component component : FaultIsolated.Component.values()) {
          test.metrics.faultIsolated(
              new FaultIsolated(component, MARK + number, new Throwable(MARK + number)));
        }
      }
    };

    private final String method;

    Event(String method) {
      this.method = method;
    }

    private static List<Outcome> outcomes(int number) {
      return List.of(
          Outcome.success(),
          Outcome.cancelled(),
          Outcome.serverFault(),
          Outcome.timeout(),
          Outcome.rateLimited(Duration.ofSeconds(number)),
          Outcome.rejected());
    }
  }

  private Lease lease(InferenceRequest request) {
    try (Lease lease = router.acquire(request)) {
      return lease;
    }
  }

  private static InferenceRequest request(int number) {
    String mark = MARK + number;
    return InferenceRequest.forModel(mark)
        .tenant(mark)
        .task(mark)
        .session(mark)
        .fallbackModels("fallback-" + mark)
        .prefixKeys(number)
        .input(InputUnit.TOKENS, number)
        .outputLimit(number)
        .build();
  }

  private Set<Meter.Id> meters() {
    return registry.getMeters().stream().map(Meter::getId).collect(Collectors.toSet());
  }

  @ParameterizedTest
  @MethodSource("events")
  void noRequestMakesAMeterThatAnotherDoesNotMake(Fate event) {
    event.befall(this, request(0), 0);
    Set<Meter.Id> after = meters();
    for (int i = 1; i < REQUESTS; i++) {
      event.befall(this, request(i), i);
    }

    assertThat(meters()).isEqualTo(after).noneMatch(id -> id.toString().contains(MARK));
  }

  static Stream<Fate> events() {
    return Arrays.stream(Event.values());
  }

  @Test
  void allThatIsHeardOfRequestsIsAmongTheEvents() {
    Set<String> heard = new HashSet<>();
    for (Method method : RouterListener.class.getMethods()) {
      Arrays.stream(RouterMetrics.class.getDeclaredMethods())
          .map(Method::getName)
          .filter(method.getName()::equals)
          .forEach(heard::add);
    }
    heard.remove("endpointChanged"); // is of no request

    assertThat(Arrays.stream(Event.values()).map(event -> event.method))
        .containsExactlyInAnyOrderElementsOf(heard);
  }

  @Test
  void whatIsHeardOfAnEndpointThatHasLeftMakesNoMeterOfIt() {
    Lease lease = router.acquire(request(0));
    router.updateEndpoints(List.of(Endpoint.of("b", "http://b")));
    lease.close();
    Set<Meter.Id> left = meters();
    assertThat(left).noneMatch(id -> "a".equals(id.getTag("endpoint")));

    // Of the last two leases on it one may be told of when the other was the last.
    metrics.firstToken(lease, 1);
    metrics.leaseCompleted(lease, Outcome.success(), 2);

    assertThat(meters()).isEqualTo(left);
  }

  @Test
  void whatIsHeardOfAnEndpointBeforeItsArrivalIsKept() {
    metrics.endpointChanged(
        new EndpointChanged(ENDPOINT, Lifecycle.DRAINING, Lifecycle.REMOVED, "not heard of yet"));
    metrics.leaseCompleted(lease(request(0)), Outcome.success(), 2);

    assertThat(
            registry
                .get("inference.router.lease")
                .tags("endpoint", "a", "outcome", "success")
                .timer()
                .count())
        .isEqualTo(1);
  }
}
