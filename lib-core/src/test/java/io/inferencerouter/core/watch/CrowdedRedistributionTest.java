package io.inferencerouter.core.watch;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Attempts;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attempts that are taken back while all other endpoints are full. */
class CrowdedRedistributionTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  /** More than a request is given before it counts as one that is not answered. */
  private static final Duration UNANSWERED = Duration.ofMinutes(3);

  private static final InferenceRequest SAFE =
      InferenceRequest.forModel("m")
          .input(InputUnit.TOKENS, 1_000)
          .outputLimit(100)
          .streaming(true)
          .replayable(true)
          .build();

  private final VirtualTime time = new VirtualTime();
  private final List<Revocation> moved = new ArrayList<>();
  private InferenceRouter router = router(Duration.ofHours(1), 1);

  private InferenceRouter router(Duration maxQueueTime, int queueCapacity) {
    return InferenceRouters.builder()
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .maxQueueTime(maxQueueTime)
        .queueCapacity(queueCapacity)
        .endpoint(endpoint("a").maxConcurrency(1).build())
        .endpoint(endpoint("b").maxConcurrency(1).build())
        .build();
  }

  private static Endpoint.Builder endpoint(String id) {
    return Endpoint.builder(id, "http://" + id).model("m").region(id);
  }

  @AfterEach
  void nothingIsLeft() {
    assertIdle(router);
    router.close();
  }

  private Lease fill(String id) {
    Lease lease = router.acquire(SAFE.toBuilder().allowedRegions(id).build());
    lease.firstToken();
    return lease;
  }

  /** Begins an attempt on endpoint a, with b taken. */
  private Lease begin(Attempts attempts) {
    Lease lease = attempts.nextNow();
    assertThat(lease.endpoint().id()).isEqualTo("a");
    lease.onRevoked(
        why -> {
          if (attempts.mayMove()) {
            moved.add(why);
            lease.complete(why.outcome());
          }
        });
    return lease;
  }

  @Test
  void whoIsMerelyNotAnsweredYetStaysWhereHeHasAPlace() {
    Lease other = fill("b");
    Lease slow = begin(router.attempts(SAFE));

    time.advance(UNANSWERED);

    assertThat(moved).isEmpty();
    assertThat(slow.complete(Outcome.success())).isTrue();
    other.complete(Outcome.success());
  }

  @Test
  void whoIsNotAnsweredGoesWhereThereIsRoom() {
    Lease other = fill("b");
    Attempts attempts = router.attempts(SAFE);
    begin(attempts);
    other.complete(Outcome.success());

    time.advance(UNANSWERED);

    assertThat(moved).containsExactly(Revocation.UNANSWERED);
    assertThat(attempts.retryAfter(Revocation.UNANSWERED.outcome())).contains(Duration.ZERO);
    Lease second = attempts.nextNow();
    assertThat(second.endpoint().id()).isEqualTo("b");
    second.complete(Outcome.success());
  }

  @ParameterizedTest
  @EnumSource(names = {"EJECTED", "REMOVED"})
  void whoseEndpointIsTakenOutWaitsForAnother(Revocation why) {
    Lease other = fill("b");
    Attempts attempts = router.attempts(SAFE);
    begin(attempts);

    takeOut(why);

    assertThat(moved).containsExactly(why);
    assertThat(attempts.retryAfter(why.outcome())).contains(Duration.ZERO);
    CompletableFuture<Lease> second = attempts.next();
    assertThat(second).isNotDone();
    other.complete(Outcome.success());
    assertThat(second).isCompleted();
    assertThat(second.join().endpoint().id()).isEqualTo("b");
    second.join().complete(Outcome.success());
  }

  private void takeOut(Revocation why) {
    if (why == Revocation.EJECTED) {
      router.eject("a", LONG);
    } else {
      CompletableFuture<Void> unused = router.remove("a");
    }
  }

  @Test
  void whereTheQueueIsFullHeStaysAndMaySucceed() {
    Lease other = fill("b");
    Lease working = begin(router.attempts(SAFE));
    CompletableFuture<Lease> queued = router.acquireAsync(SAFE);
    assertThat(router.snapshot().queued()).isEqualTo(1);

    router.eject("a", LONG);

    assertThat(moved).isEmpty();
    assertThat(working.complete(Outcome.success())).isTrue();
    other.complete(Outcome.success());
    queued.join().complete(Outcome.success());
  }

  @Test
  void whereNobodyMayWaitHeStaysAndMaySucceed() {
    router.close();
    router = router(Duration.ZERO, 1);
    Lease other = fill("b");
    Lease working = begin(router.attempts(SAFE));

    router.eject("a", LONG);

    assertThat(moved).isEmpty();
    assertThat(working.complete(Outcome.success())).isTrue();
    other.complete(Outcome.success());
  }

  @Test
  void withoutMemoryThereIsNoRoom() {
    router.updateEndpoints(
        List.of(
            endpoint("a").maxConcurrency(1).build(), endpoint("b").memoryBudget(1_500).build()));
    Lease other = fill("b");
    Lease slow = begin(router.attempts(SAFE));

    time.advance(UNANSWERED);

    assertThat(moved).isEmpty();
    slow.complete(Outcome.success());
    other.complete(Outcome.success());
  }

  @Test
  void aFallbackThatHasRoomIsElsewhere() {
    router.updateEndpoints(
        List.of(
            endpoint("a").maxConcurrency(1).build(),
            Endpoint.builder("c", "http://c").model("small").build()));
    Attempts attempts = router.attempts(SAFE.toBuilder().fallbackModels("small").build());
    begin(attempts);

    time.advance(UNANSWERED);

    assertThat(moved).containsExactly(Revocation.UNANSWERED);
    assertThat(attempts.retryAfter(Revocation.UNANSWERED.outcome())).isPresent();
    Lease second = attempts.nextNow();
    assertThat(second.endpoint().id()).isEqualTo("c");
    second.complete(Outcome.success());
  }
}
