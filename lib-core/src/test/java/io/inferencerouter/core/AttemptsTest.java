package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.Attempts;
import io.inferencerouter.Candidates;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.Outcome.Progress;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.RouterClosedException;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttemptsTest {
  private static final InferenceRequest REQUEST =
      InferenceRequest.forModel("m").replayable(true).build();
  private static final InferenceRequest UNSAFE = InferenceRequest.forModel("m").build();
  private static final Outcome FAULT = Outcome.serverFault();

  private final VirtualTime time = new VirtualTime();
  private final List<AttemptRetried> retried = new ArrayList<>();
  private final List<RetryRefused.Reason> refused = new ArrayList<>();
  private final List<InferenceRouter> routers = new ArrayList<>();
  private LongSupplier random = new SplittableRandom(5)::nextLong;

  private InferenceRouter router(String... ids) {
    return router(policy -> {}, ids);
  }

  private InferenceRouter router(Consumer<RetryPolicy.Builder> settings, String... ids) {
    RetryPolicy.Builder policy = RetryPolicy.builder();
    settings.accept(policy);
    InferenceRouters.Builder builder =
        InferenceRouters.builder()
            .health(HealthPolicy.none())
            .ticker(time)
            .scheduler(time)
            .random(() -> random.getAsLong())
            .executor(Runnable::run)
            .retries(policy.build())
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
    for (String id : ids) {
      builder.endpoint(endpoint(id));
    }
    InferenceRouter router = builder.build();
    routers.add(router);
    return router;
  }

  private static Endpoint endpoint(String id) {
    return Endpoint.builder(id, "http://" + id).model("m").maxConcurrency(1).build();
  }

  @AfterEach
  void nothingIsLeft() {
    routers.forEach(router -> assertIdle(router));
    assertThat(time.pending()).isZero();
  }

  /** Makes an attempt that ends like this; the wait is over afterwards. */
  private String attempt(Attempts attempts, Outcome outcome) {
    CompletableFuture<Lease> next = attempts.next();
    for (int i = 0; i < 1000 && !next.isDone(); i++) {
      time.advance(Duration.ofMillis(20));
    }
    Lease lease = next.getNow(null);
    attempts.retryAfter(outcome);
    return lease.endpoint().id();
  }

  // Where

  @Test
  void whatFailedIsRepeatedElsewhere() {
    Attempts attempts = router("a", "b", "c").attempts(REQUEST);

    assertThat(
            List.of(
                attempt(attempts, FAULT),
                attempt(attempts, FAULT),
                attempt(attempts, Outcome.success())))
        .containsExactlyInAnyOrder("a", "b", "c");
    assertThat(attempts.made()).isEqualTo(3);
  }

  @Test
  void whatFailedIsRepeatedElsewhereThoughItsEndpointIsTheBestThereIs() {
    List<String> order = List.of("a", "b", "c");
    InferenceRouter router =
        InferenceRouters.builder()
            .health(HealthPolicy.none())
            .ticker(time)
            .scheduler(time)
            .executor(Runnable::run)
            .selector(
                (request, candidates) -> {
                  int best = EndpointSelector.NONE;
                  for (int i = 0; i < candidates.size(); i++) {
                    if (candidates.isAvailable(i)
                        && (best < 0
                            || rank(candidates, i).compareTo(rank(candidates, best)) < 0)) {
                      best = i;
                    }
                  }
                  return best;
                })
            .endpoints(order.stream().map(AttemptsTest::endpoint).toList())
            .build();
    routers.add(router);
    Attempts attempts = router.attempts(REQUEST);

    for (String id : order) {
      assertThat(attempt(attempts, FAULT)).isEqualTo(id);
    }
  }

  private static String rank(Candidates candidates, int index) {
    return candidates.endpoint(index).id();
  }

  @Test
  void theSameEndpointIsUsedAgainOnlyIfItIsTheOnlyOne() {
    Attempts attempts = router("a").attempts(REQUEST);

    assertThat(attempt(attempts, FAULT)).isEqualTo("a");
    assertThat(attempt(attempts, FAULT)).isEqualTo("a");
  }

  @Test
  void anAttemptWaitsForAnotherEndpointRatherThanGoingBack() {
    InferenceRouter router = router("a", "b");
    Lease first = router.acquire(REQUEST);
    Attempts attempts = router.attempts(REQUEST);
    String tried = attempt(attempts, FAULT);
    CompletableFuture<Lease> next = attempts.next();
    time.advance(Duration.ofSeconds(1));
    assertThat(next).isNotDone();

    first.close();

    assertThat(next.getNow(null).endpoint()).isEqualTo(first.endpoint());
    assertThat(next.getNow(null).endpoint().id()).isNotEqualTo(tried);
    next.getNow(null).close();
  }

  @Test
  void anAttemptThatMustNotGoEverywhereHoldsNobodyUp() {
    InferenceRouter router = router("a", "b");
    Lease other = router.acquire(REQUEST);
    Attempts attempts = router.attempts(REQUEST);
    attempt(attempts, FAULT);
    CompletableFuture<Lease> next = attempts.next();
    time.advance(Duration.ofSeconds(1));

    CompletableFuture<Lease> newcomer = router.acquireAsync(REQUEST);

    assertThat(newcomer).isCompleted();
    newcomer.join().close();
    other.close();
    next.getNow(null).close();
  }

  @Test
  void anAttemptThatWaitsGoesBackWhenTheOthersLeave() {
    InferenceRouter router = router("a", "b");
    Lease other = router.acquire(REQUEST);
    Attempts attempts = router.attempts(REQUEST);
    String tried = attempt(attempts, FAULT);
    CompletableFuture<Lease> next = attempts.next();
    time.advance(Duration.ofSeconds(1));

    router.updateEndpoints(List.of(endpoint(tried)));

    assertThat(next.getNow(null).endpoint().id()).isEqualTo(tried);
    next.getNow(null).close();
    other.close();
  }

  @Test
  void anotherModelIsElsewhere() {
    InferenceRouter router = router("a");
    router.updateEndpoints(
        List.of(endpoint("a"), Endpoint.builder("b", "http://b").model("n").build()));
    Attempts attempts = router.attempts(REQUEST.toBuilder().fallbackModels("n").build());

    assertThat(attempt(attempts, FAULT)).isEqualTo("a");
    assertThat(attempt(attempts, FAULT)).isEqualTo("b");
  }

  // What

  @Test
  void whatMayHaveBeenProcessedIsNotRepeated() {
    Attempts attempts = router("a", "b").attempts(UNSAFE);
    attempts.nextNow();

    assertThat(attempts.retryAfter(FAULT)).isEmpty();
    assertThat(refused).containsExactly(RetryRefused.Reason.UNSAFE);
  }

  @Test
  void whatWasNotSentIsRepeated() {
    Attempts attempts = router("a", "b").attempts(UNSAFE);
    attempts.nextNow();

    assertThat(attempts.retryAfter(FAULT.withProgress(Progress.NOTHING_SENT))).isPresent();
  }

  @Test
  void whatIsIdempotentIsRepeated() {
    Attempts attempts = router("a", "b").attempts(UNSAFE.toBuilder().idempotent(true).build());
    attempts.nextNow();

    assertThat(attempts.retryAfter(Outcome.timeout().withProgress(Progress.SENT))).isPresent();
  }

  @Test
  void whatWasAnsweredInPartIsNotRepeated() {
    InferenceRouter router = router("a", "b");
    Attempts stated = router.attempts(REQUEST);
    stated.nextNow();
    Attempts reported = router.attempts(REQUEST);
    reported.nextNow().firstToken();

    assertThat(stated.retryAfter(FAULT.withProgress(Progress.RECEIVED))).isEmpty();
    assertThat(reported.retryAfter(FAULT)).isEmpty();
    assertThat(refused).containsExactly(RetryRefused.Reason.UNSAFE, RetryRefused.Reason.UNSAFE);
  }

  @Test
  void whatWasStatedWhenTheLeaseEndedCounts() {
    Attempts attempts = router("a", "b").attempts(REQUEST);
    attempts.nextNow().close();

    assertThat(attempts.retryAfter(FAULT)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"SUCCESS", "CANCELLED", "REJECTED"})
  void whatIsNobodysFailureIsNotRepeated(Outcome.Kind kind) {
    Attempts attempts = router("a", "b").attempts(REQUEST);
    attempts.nextNow();

    assertThat(attempts.retryAfter(outcome(kind).withProgress(Progress.NOTHING_SENT))).isEmpty();
    assertThat(refused).isEmpty();
  }

  private static Outcome outcome(Outcome.Kind kind) {
    return switch (kind) {
      case SUCCESS -> Outcome.success();
      case CANCELLED -> Outcome.cancelled();
      default -> Outcome.rejected();
    };
  }

  @Test
  void thereAreAsManyAttemptsAsAllowed() {
    Attempts attempts = router(policy -> policy.maxAttempts(2), "a", "b", "c").attempts(REQUEST);
    attempt(attempts, FAULT);
    attempt(attempts, FAULT);

    assertThat(refused).containsExactly(RetryRefused.Reason.ATTEMPTS);
    assertThatThrownBy(attempts::next).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aPolicyOfNoneRepeatsNothingAndSaysNothing() {
    InferenceRouter router =
        InferenceRouters.builder().endpoint(endpoint("a")).retries(RetryPolicy.none()).build();
    Attempts attempts = router.attempts(REQUEST);
    attempts.nextNow();

    assertThat(attempts.retryAfter(FAULT)).isEmpty();
    router.close();
  }

  @Test
  void attemptsAreMadeOneAfterAnother() {
    Attempts attempts = router("a", "b").attempts(REQUEST);
    assertThatThrownBy(() -> attempts.retryAfter(FAULT)).isInstanceOf(IllegalStateException.class);
    Lease lease = attempts.nextNow();

    assertThatThrownBy(attempts::nextNow).isInstanceOf(IllegalStateException.class);
    lease.close();
  }

  // When

  @Test
  void theWaitIsAnythingUpToTheBackoffThatDoubles() {
    random = () -> -1;
    Attempts attempts = router(policy -> policy.maxAttempts(9), "a").attempts(REQUEST);
    for (int i = 0; i < 9; i++) {
      attempt(attempts, FAULT);
    }

    assertThat(retried.stream().map(event -> event.backoff().toMillis() + 1))
        .containsExactly(25L, 50L, 100L, 200L, 400L, 800L, 1000L, 1000L);
  }

  @Test
  void theWaitMayBeNothing() {
    random = () -> 0;
    Attempts attempts = router("a").attempts(REQUEST);
    attempts.nextNow();

    assertThat(attempts.retryAfter(FAULT)).contains(Duration.ZERO);
    attempts.next().getNow(null).close();
  }

  @Test
  void theNextAttemptIsMadeWhenTheWaitIsOver() {
    random = () -> -1;
    Attempts attempts = router("a", "b").attempts(REQUEST);
    attempts.nextNow();
    Duration wait = attempts.retryAfter(FAULT).orElseThrow();
    CompletableFuture<Lease> next = attempts.next();

    time.advance(wait.minusNanos(1));
    assertThat(next).isNotDone();
    time.advance(Duration.ofNanos(1));

    next.getNow(null).close();
  }

  @Test
  void theDeadlineIsCarriedThroughTheAttempts() {
    Attempts attempts =
        router("a", "b").attempts(REQUEST.toBuilder().deadline(Duration.ofSeconds(5)).build());
    attempts.nextNow();
    time.advance(Duration.ofSeconds(3));
    random = () -> 0;
    attempts.retryAfter(FAULT);
    time.advance(Duration.ofMillis(1500));

    Lease lease = attempts.next().getNow(null);

    assertThat(lease.request().deadline()).contains(Duration.ofMillis(500));
    assertThat(attempts.request().deadline()).contains(Duration.ofSeconds(5));
    lease.close();
  }

  @Test
  void nobodyWaitsBeyondTheDeadline() {
    random = () -> -1;
    InferenceRouter router = router("a", "b");
    InferenceRequest request = REQUEST.toBuilder().deadline(Duration.ofMillis(100)).build();
    Attempts late = router.attempts(request);
    late.nextNow();
    time.advance(Duration.ofMillis(76));

    assertThat(late.retryAfter(FAULT)).isEmpty();
    assertThat(refused).containsExactly(RetryRefused.Reason.DEADLINE);
    Attempts inTime = router.attempts(request);
    inTime.nextNow();
    time.advance(Duration.ofMillis(74));
    assertThat(inTime.retryAfter(FAULT)).isPresent();
  }

  @Test
  void anAttemptThatWaitsForASlotGivesUpAtTheDeadline() {
    random = () -> 0;
    InferenceRouter router = router("a", "b");
    Lease other = router.acquire(REQUEST);
    Attempts attempts =
        router.attempts(REQUEST.toBuilder().deadline(Duration.ofSeconds(3)).build());
    attempts.nextNow();
    time.advance(Duration.ofSeconds(1));
    attempts.retryAfter(FAULT);
    CompletableFuture<Lease> next = attempts.next();

    time.advance(Duration.ofMillis(1999));
    assertThat(next).isNotDone();
    time.advance(Duration.ofMillis(1));

    assertThat(next).isDone();
    assertThatThrownBy(next::join).cause().isInstanceOf(OverloadedException.class);
    other.close();
  }

  // Rate limits

  @Test
  void whatWasRateLimitedGoesElsewhereAtOnce() {
    random = () -> -1;
    Attempts attempts = router("a", "b").attempts(REQUEST);
    Lease first = attempts.nextNow();

    assertThat(attempts.retryAfter(Outcome.rateLimited(Duration.ofSeconds(5))))
        .contains(Duration.ZERO);
    Lease second = attempts.next().getNow(null);
    assertThat(second.endpoint()).isNotEqualTo(first.endpoint());
    second.close();
  }

  @Test
  void theOnlyEndpointIsHadAlthoughItsReturnIsNotedAMomentAfterTheWait() {
    AtomicInteger tasks = new AtomicInteger();
    try (InferenceRouter router =
        InferenceRouters.builder()
            .ticker(time)
            .scheduler(time)
            .random(() -> random.getAsLong())
            .executor(
                task -> {
                  Duration late = Duration.ofMillis(tasks.getAndIncrement() == 0 ? 30 : 0);
                  time.schedule(late, task);
                })
            .endpoint(endpoint("a"))
            .build()) {
      Attempts attempts = router.attempts(REQUEST.toBuilder().idempotent(true).build());
      attempts.nextNow();
      Duration wait = attempts.retryAfter(Outcome.rateLimited(Duration.ofSeconds(5))).orElseThrow();
      CompletableFuture<Lease> next = attempts.next();

      time.advance(wait);
      assertThat(next).isNotDone();
      time.advance(Duration.ofMillis(100));

      assertThat(next).isCompleted();
      next.join().complete(Outcome.success());
      time.advance(Duration.ofMinutes(5));
    }
  }

  @Test
  void whoLooksWhetherALimitedEndpointIsBackIsNotShedMeanwhile() {
    List<RequestShed> shed = new ArrayList<>();
    try (InferenceRouter router =
        InferenceRouters.builder()
            .ticker(time)
            .scheduler(time)
            .random(() -> -1)
            .executor(Runnable::run)
            .listener(
                new RouterListener() {
                  @Override
                  public void requestShed(RequestShed event) {
                    shed.add(event);
                  }
                })
            .endpoint(endpoint("a"))
            .build()) {
      Attempts attempts = router.attempts(REQUEST);
      attempts.nextNow();
      attempts.retryAfter(FAULT);
      CompletableFuture<Lease> next = attempts.next();
      Lease meanwhile = router.acquire(REQUEST);
      meanwhile.complete(Outcome.rateLimited(Duration.ofSeconds(8)));

      time.advance(Duration.ofSeconds(7));
      assertThat(next).isNotDone();
      time.advance(Duration.ofSeconds(2));

      assertThat(next).isCompleted();
      assertThat(shed).isEmpty();
      next.join().complete(Outcome.success());
      time.advance(Duration.ofMinutes(5));
    }
  }

  @Test
  void theOnlyEndpointIsLeftAloneForAsLongAsItAsks() {
    Attempts attempts = router("a").attempts(REQUEST);
    attempts.nextNow();

    assertThat(attempts.retryAfter(Outcome.rateLimited(Duration.ofSeconds(5))))
        .contains(Duration.ofSeconds(5));
    CompletableFuture<Lease> next = attempts.next();
    time.advance(Duration.ofSeconds(5).minusNanos(1));
    assertThat(next).isNotDone();
    time.advance(Duration.ofNanos(1));
    next.getNow(null).close();
  }

  @Test
  void nobodyWaitsLongerThanAllowedForAnEndpointThatAsks() {
    Attempts attempts = router("a").attempts(REQUEST);
    attempts.nextNow();

    assertThat(attempts.retryAfter(Outcome.rateLimited(Duration.ofSeconds(11)))).isEmpty();
    assertThat(refused).containsExactly(RetryRefused.Reason.DEADLINE);
  }

  @Test
  void ofThoseThatWereTriedTheOneThatAskedForNothingIsNext() {
    InferenceRouter router = router(policy -> policy.maxAttempts(4), "a", "b");
    Attempts attempts = router.attempts(REQUEST);
    attempt(attempts, FAULT.withRetryAfter(Duration.ofSeconds(8)));
    String second = attempt(attempts, FAULT);

    assertThat(attempt(attempts, FAULT)).isEqualTo(second);
    assertThat(attempt(attempts, FAULT)).isEqualTo(second);
  }

  @Test
  void aBurstOfRateLimitsLeavesTheBudgetForFailuresAlone() {
    InferenceRouter router =
        router(policy -> policy.budgetRatio(0).minRetriesPerSecond(1), "a", "b");
    for (int i = 0; i < 100; i++) {
      Attempts limited = router.attempts(REQUEST);
      limited.nextNow();
      assertThat(limited.retryAfter(Outcome.rateLimited())).isPresent();
    }
    Attempts failed = router.attempts(REQUEST);
    failed.nextNow();

    assertThat(failed.retryAfter(FAULT)).isPresent();
  }

  // How many

  @ParameterizedTest
  @EnumSource(names = {"SERVER_FAULT", "RATE_LIMITED"})
  void whenEverythingFailsThereIsNoStorm(Outcome.Kind kind) {
    InferenceRouter router = router("a", "b", "c", "d");
    Outcome outcome = kind == Outcome.Kind.RATE_LIMITED ? Outcome.rateLimited() : FAULT;
    double perRequest = kind == Outcome.Kind.RATE_LIMITED ? 2 : 1.1;
    int requests = 20_000;
    int seconds = 20;
    int made = 0;
    for (int i = 0; i < requests; i++) {
      time.advance(Duration.ofSeconds(seconds).dividedBy(requests));
      Attempts attempts = router.attempts(REQUEST);
      do {
        attempts.nextNow();
      } while (attempts.retryAfter(outcome).isPresent());
      made += attempts.made();
    }

    assertThat(made).isLessThanOrEqualTo((int) (perRequest * requests) + 10 * (seconds + 1));
    assertThat(made).isGreaterThan((int) ((perRequest - 0.01) * requests));
    assertThat(refused).contains(RetryRefused.Reason.BUDGET);
  }

  // Giving up

  @Test
  void cancellingTheWaitForTheTimeGivesItUp() {
    random = () -> -1;
    InferenceRouter router = router("a", "b");
    Attempts attempts = router.attempts(REQUEST);
    attempts.nextNow();
    attempts.retryAfter(FAULT);
    CompletableFuture<Lease> next = attempts.next();

    next.cancel(false);

    assertThat(time.pending()).isZero();
    assertIdle(router);
  }

  @Test
  void cancellingTheWaitForASlotGivesItUp() {
    random = () -> -1;
    InferenceRouter router = router("a", "b");
    Lease other = router.acquire(REQUEST);
    Attempts attempts = router.attempts(REQUEST);
    attempt(attempts, FAULT);
    CompletableFuture<Lease> next = attempts.next();
    time.advance(Duration.ofSeconds(1));
    assertThat(router.snapshot().queued()).isEqualTo(1);

    next.cancel(false);

    assertThat(router.snapshot().queued()).isZero();
    other.close();
  }

  @Test
  void closingTheRouterEndsTheWaitForTheTime() {
    random = () -> -1;
    InferenceRouter router = router("a", "b");
    Attempts attempts = router.attempts(REQUEST);
    attempts.nextNow();
    attempts.retryAfter(FAULT);
    CompletableFuture<Lease> next = attempts.next();

    router.close();

    assertThat(next).isDone();
    assertThatThrownBy(next::join).cause().isInstanceOf(RouterClosedException.class);
    time.advance(Duration.ofSeconds(1));
  }

  @Test
  void anAttemptAfterTheRouterIsClosedIsRefusedAtOnce() {
    random = () -> -1;
    InferenceRouter router = router("a", "b");
    Attempts attempts = router.attempts(REQUEST);
    attempts.nextNow();
    attempts.retryAfter(FAULT);
    router.close();

    CompletableFuture<Lease> next = attempts.next();

    assertThat(next).isDone();
    assertThatThrownBy(next::join).cause().isInstanceOf(RouterClosedException.class);
  }

  @Test
  void aSchedulerThatIsShutDownWithTheRouterDoesNotHideThatItIsClosed() {
    AtomicReference<InferenceRouter> closing = new AtomicReference<>();
    InferenceRouter router =
        InferenceRouters.builder()
            .endpoint(endpoint("a"))
            .health(HealthPolicy.none())
            .random(() -> -1)
            .executor(Runnable::run)
            .scheduler(
                (delay, task) -> {
                  closing.get().close(); // at the same moment
                  throw new RejectedExecutionException("shut down");
                })
            .build();
    closing.set(router);
    Attempts attempts = router.attempts(REQUEST);
    attempts.nextNow();
    attempts.retryAfter(FAULT);

    CompletableFuture<Lease> next = attempts.next();

    assertThat(next).isDone();
    assertThatThrownBy(next::join).cause().isInstanceOf(RouterClosedException.class);
  }

  @Test
  void anAttemptForWhichThereIsNoEndpointAnyMoreIsRefused() {
    InferenceRouter router = router("a");
    Attempts attempts = router.attempts(REQUEST);
    attempts.nextNow();
    attempts.retryAfter(FAULT);
    router.updateEndpoints(List.of());
    CompletableFuture<Lease> next = attempts.next();
    time.advance(Duration.ofSeconds(1));

    assertThat(next).isDone();
    assertThatThrownBy(next::join).cause().isInstanceOf(NoEndpointException.class);
  }

  // Events

  @Test
  void aRepetitionIsToldWithItsNumbers() {
    random = () -> -1;
    Attempts attempts = router("a", "b").attempts(REQUEST);
    Lease lease = attempts.nextNow();
    attempts.retryAfter(FAULT);

    AttemptRetried event = retried.get(0);
    assertThat(event.request()).isEqualTo(REQUEST);
    assertThat(event.endpoint()).isEqualTo(lease.endpoint());
    assertThat(event.outcome()).isEqualTo(FAULT);
    assertThat(event.attempt()).isEqualTo(1);
    assertThat(event.backoff()).isEqualTo(Duration.ofMillis(25).minusNanos(1));
    assertThat(event.budgetLeft()).isBetween(9.0, 9.2);
  }
}
