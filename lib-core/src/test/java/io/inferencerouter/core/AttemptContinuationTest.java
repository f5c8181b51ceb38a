package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.Attempts;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Outcome.Progress;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Answers that break off, and the attempts at the rest of them. */
class AttemptContinuationTest {
  private static final InferenceRequest REQUEST = InferenceRequest.forModel("m").build();
  private static final InferenceRequest REST =
      InferenceRequest.forModel("m").tenant("rest").build();
  private static final Outcome BROKEN = Outcome.serverFault().withProgress(Progress.RECEIVED);

  private final VirtualTime time = new VirtualTime();
  private final List<AttemptRetried> retried = new ArrayList<>();
  private final List<RetryRefused.Reason> refused = new ArrayList<>();
  private InferenceRouter router;

  private Attempts attempts(InferenceRequest request) {
    return attempts(UnaryOperator.identity(), request);
  }

  private Attempts attempts(UnaryOperator<RetryPolicy.Builder> settings, InferenceRequest request) {
    return attempts(settings.apply(RetryPolicy.builder()).build(), request);
  }

  private Attempts attempts(RetryPolicy policy, InferenceRequest request) {
    InferenceRouters.Builder builder =
        InferenceRouters.builder()
            .health(HealthPolicy.none())
            .ticker(time)
            .scheduler(time)
            .random(new SplittableRandom(5)::nextLong)
            .executor(Runnable::run)
            .retries(policy)
            .endpoint(Endpoint.builder("a", "http://a").model("m").build())
            .endpoint(Endpoint.builder("b", "http://b").model("m").build())
            .listener(
                new RouterListener() {
                  @Override
                  public void attemptRetried(AttemptRetried event) {
                    retried.add(event);
                  }

                  @Override
                  public void retryRefused(RetryRefused event) {
                    refused.add(event.reason());
                  }
                });
    router = builder.build();
    return router.attempts(request);
  }

  @AfterEach
  void nothingIsLeft() {
    assertIdle(router);
    assertThat(time.pending()).isZero();
  }

  private Lease begun(Attempts attempts) {
    CompletableFuture<Lease> next = attempts.next();
    for (int i = 0; i < 1000 && !next.isDone(); i++) {
      time.advance(Duration.ofMillis(20));
    }
    Lease lease = next.join();
    lease.firstToken();
    return lease;
  }

  @Test
  void theRestIsAskedForElsewhereThoughTheRequestMustNotBeRepeated() {
    Attempts attempts = attempts(REQUEST);
    Lease first = begun(attempts);

    Attempts rest = attempts.continuation(BROKEN, REST).orElseThrow();
    Lease second = begun(rest);

    assertThat(first.isComplete()).isTrue();
    assertThat(second.endpoint()).isNotEqualTo(first.endpoint());
    assertThat(second.request()).isEqualTo(REST);
    assertThat(rest.request()).isEqualTo(REST);
    assertThat(rest.made()).isEqualTo(2);
    assertThat(retried).hasSize(1);
    assertThat(retried.get(0).request()).isEqualTo(REQUEST);
    assertThat(retried.get(0).endpoint()).isEqualTo(first.endpoint());
    assertThat(retried.get(0).outcome()).isEqualTo(BROKEN);
    second.complete(Outcome.success());
  }

  @Test
  void whatTheLeaseWasToldBeforeIsWhatCounts() {
    Attempts attempts = attempts(REQUEST);
    begun(attempts).complete(Outcome.timeout());

    assertThat(attempts.continuation(BROKEN, REST)).isPresent();
    assertThat(retried.get(0).outcome().kind()).isEqualTo(Outcome.Kind.TIMEOUT);
  }

  @ParameterizedTest
  @EnumSource(names = {"SUCCESS", "CANCELLED", "REJECTED", "RATE_LIMITED"})
  void whatIsNoFaultIsNotContinued(Outcome.Kind kind) {
    Attempts attempts = attempts(REQUEST);
    Outcome outcome =
        switch (kind) {
          case SUCCESS -> Outcome.success();
          case CANCELLED -> Outcome.cancelled();
          case REJECTED -> Outcome.rejected();
          default -> Outcome.rateLimited();
        };
    begun(attempts).complete(outcome);

    assertThat(attempts.continuation(BROKEN, REST)).isEmpty();
    assertThat(retried).isEmpty();
    assertThat(refused).isEmpty();
  }

  @Test
  void allRowsOfARequestHaveItsAttemptsTogether() {
    Attempts row = attempts(REQUEST);
    for (int i = 0; i < 2; i++) {
      Lease unused = begun(row);
      row = row.continuation(BROKEN, REST).orElseThrow();
    }
    Lease unused = begun(row);

    assertThat(row.continuation(BROKEN, REST)).isEmpty();
    assertThat(refused).containsExactly(RetryRefused.Reason.ATTEMPTS);
  }

  @Test
  void theRestIsPaidOutOfTheBudgetOfRetries() {
    Attempts first = attempts(policy -> policy.budgetRatio(0).minRetriesPerSecond(1), REQUEST);
    int continued = 0;
    for (int i = 0; i < 40; i++) {
      Attempts row = i == 0 ? first : router.attempts(REQUEST);
      Lease unused = begun(row);
      continued += row.continuation(BROKEN, REST).isPresent() ? 1 : 0;
    }

    assertThat(continued).isBetween(1, 12);
    assertThat(refused).contains(RetryRefused.Reason.BUDGET).hasSize(40 - continued);
  }

  @Test
  void theRestHasWhatIsLeftOfTheDeadline() {
    Attempts attempts = attempts(REQUEST.toBuilder().deadline(Duration.ofSeconds(10)).build());
    Lease unused = begun(attempts);
    time.advance(Duration.ofSeconds(4));

    Attempts rest = attempts.continuation(BROKEN, REST).orElseThrow();

    assertThat(rest.request().deadline()).contains(Duration.ofSeconds(6));
    Lease second = begun(rest);
    assertThat(second.request().deadline().orElseThrow())
        .isLessThanOrEqualTo(Duration.ofSeconds(6));
    second.close();
  }

  @Test
  void theRestMayHaveAnEarlierDeadlineOfItsOwn() {
    Attempts attempts = attempts(REQUEST.toBuilder().deadline(Duration.ofSeconds(10)).build());
    Lease unused = begun(attempts);

    InferenceRequest sooner = REST.toBuilder().deadline(Duration.ofSeconds(1)).build();
    assertThat(attempts.continuation(BROKEN, sooner).orElseThrow().request()).isEqualTo(sooner);
  }

  @Test
  void whenTheDeadlineHasPassedNothingFollows() {
    Attempts attempts = attempts(REQUEST.toBuilder().deadline(Duration.ofSeconds(1)).build());
    Lease unused = begun(attempts);
    time.advance(Duration.ofSeconds(2));

    assertThat(attempts.continuation(BROKEN, REST)).isEmpty();
    assertThat(refused).containsExactly(RetryRefused.Reason.DEADLINE);
  }

  @Test
  void aPolicyOfNoneContinuesNothing() {
    Attempts attempts = attempts(RetryPolicy.none(), REQUEST);
    Lease unused = begun(attempts);

    assertThat(attempts.continuation(BROKEN, REST)).isEmpty();
  }

  @Test
  void onlyAnAttemptUnderWayCanBreakOff() {
    Attempts attempts = attempts(REQUEST);

    assertThatThrownBy(() -> attempts.continuation(BROKEN, REST))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theRestIsRepeatedAsAnyRequest() {
    InferenceRequest replayable = REST.toBuilder().replayable(true).build();
    Attempts attempts = attempts(REQUEST);
    Lease unused = begun(attempts);
    Attempts rest = attempts.continuation(BROKEN, replayable).orElseThrow();
    CompletableFuture<Lease> next = rest.next();
    time.advance(Duration.ofSeconds(2));
    next.join().complete(Outcome.serverFault());

    assertThat(rest.retryAfter(Outcome.serverFault())).isPresent();
    Lease third = begun(rest);
    assertThat(rest.made()).isEqualTo(3);
    third.complete(Outcome.success());
  }
}
