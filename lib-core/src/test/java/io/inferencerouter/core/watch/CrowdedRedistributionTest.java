package io.inferencerouter.core.watch;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.params.provider.ValueSource;

/** Attempts that are taken back while all other endpoints are full. */
class CrowdedRedistributionTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  /** More than a request is given before it counts as one that is not answered. */
  private static final Duration UNANSWERED = Duration.ofMinutes(3);

  /** Longer than from one look at what is out to the next. */
  private static final Duration A_LOOK = Duration.ofSeconds(2);

  private static final InferenceRequest OTHER_MODEL = InferenceRequest.forModel("x").build();

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
    return router(maxQueueTime, queueCapacity, 1);
  }

  private InferenceRouter router(Duration maxQueueTime, int queueCapacity, int slotsOfA) {
    return InferenceRouters.builder()
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .maxQueueTime(maxQueueTime)
        .queueCapacity(queueCapacity)
        .endpoint(endpoint("a").maxConcurrency(slotsOfA).build())
        .endpoint(endpoint("b").maxConcurrency(1).build())
        .endpoint(Endpoint.builder("x", "http://x").model("x").maxConcurrency(1).build())
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
          if (attempts.leave(() -> lease.complete(why.outcome()))) {
            moved.add(why);
          }
        });
    return lease;
  }

  /** Begins an attempt on endpoint a, with room on b. */
  private Lease beginWithRoomElsewhere(Attempts attempts) {
    Lease other = fill("b");
    Lease lease = begin(attempts);
    other.complete(Outcome.success());
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
  void whoHasStayedGoesAsSoonAsThereIsRoom() {
    Lease other = fill("b");
    Attempts attempts = router.attempts(SAFE);
    begin(attempts);
    time.advance(UNANSWERED);

    other.complete(Outcome.success());
    time.advance(A_LOOK);

    assertThat(moved).containsExactly(Revocation.UNANSWERED);
    goesTo("b", attempts, Revocation.UNANSWERED);
  }

  @ParameterizedTest
  @EnumSource(names = {"EJECTED", "REMOVED"})
  void whoseEndpointIsTakenOutWhileTheQueueIsFullGoesAsSoonAsThereIsRoom(Revocation why) {
    Lease other = fill("b");
    Attempts attempts = router.attempts(SAFE.toBuilder().streaming(false).build());
    begin(attempts);
    CompletableFuture<Lease> queued = router.acquireAsync(SAFE);
    takeOut(why);
    assertThat(moved).isEmpty();

    other.complete(Outcome.success());
    queued.join().complete(Outcome.success());
    time.advance(A_LOOK);

    assertThat(moved).containsExactly(why);
    goesTo("b", attempts, why);
  }

  private List<Lease> beginTen(List<Attempts> all) {
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Attempts attempts = router.attempts(SAFE);
      all.add(attempts);
      leases.add(begin(attempts));
    }
    return leases;
  }

  @Test
  void ofManyOnlySoManyGoAsThereIsRoomFor() {
    router.close();
    router = router(Duration.ZERO, 1, 10);
    Lease other = fill("b");
    List<Attempts> all = new ArrayList<>();
    List<Lease> leases = beginTen(all);
    other.complete(Outcome.success());

    time.advance(UNANSWERED);

    assertThat(moved).containsExactly(Revocation.UNANSWERED);
    assertThat(router.snapshot().endpoint("b").orElseThrow().inFlight()).isEqualTo(1);
    for (int i = 0; i < 10; i++) {
      if (leases.get(i).isComplete()) {
        goesTo("b", all.get(i), Revocation.UNANSWERED);
      } else {
        assertThat(leases.get(i).complete(Outcome.success())).isTrue();
      }
    }
  }

  @Test
  void ofManyOnlySoManyQueueAsTheQueueHasRoomFor() {
    router.close();
    router = router(Duration.ofHours(1), 2, 10);
    Lease other = fill("b");
    List<Attempts> all = new ArrayList<>();
    List<Lease> leases = beginTen(all);

    router.eject("a", LONG);

    assertThat(moved).hasSize(2);
    assertThat(router.snapshot().queued()).isEqualTo(2);
    List<CompletableFuture<Lease>> next = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      if (leases.get(i).isComplete()) {
        assertThat(all.get(i).retryAfter(Revocation.EJECTED.outcome())).contains(Duration.ZERO);
        next.add(all.get(i).next());
      } else {
        assertThat(leases.get(i).complete(Outcome.success())).isTrue();
      }
    }
    assertThat(next).hasSize(2).noneMatch(CompletableFuture::isDone);
    next.forEach(
        granted -> {
          var unused = granted.thenAccept(lease -> lease.complete(Outcome.success()));
        });
    other.complete(Outcome.success());
    assertThat(next).allMatch(granted -> granted.join().isComplete());
  }

  private static void goesTo(String id, Attempts attempts, Revocation why) {
    assertThat(attempts.retryAfter(why.outcome())).contains(Duration.ZERO);
    Lease next = attempts.next().join();
    assertThat(next.endpoint().id()).isEqualTo(id);
    assertThat(next.complete(Outcome.success())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aQueueForOtherEndpointsIsNoneOfHisBusiness(boolean mayWait) {
    Lease other = fill("b");
    InferenceRequest request =
        mayWait ? SAFE : SAFE.toBuilder().maxQueueTime(Duration.ZERO).build();
    Attempts attempts = router.attempts(request);
    begin(attempts);
    Lease ofX = router.acquire(OTHER_MODEL);
    CompletableFuture<Lease> queued = router.acquireAsync(OTHER_MODEL);
    assertThat(router.snapshot().queued()).isEqualTo(1);
    other.complete(Outcome.success());

    time.advance(UNANSWERED);

    assertThat(moved).containsExactly(Revocation.UNANSWERED);
    goesTo("b", attempts, Revocation.UNANSWERED);
    ofX.complete(Outcome.success());
    queued.join().complete(Outcome.success());
  }

  @Test
  void whoseRouterIsClosedStaysAndMaySucceed() {
    Lease working = beginWithRoomElsewhere(router.attempts(SAFE));
    router.close();

    router.eject("a", LONG);

    assertThat(moved).isEmpty();
    assertThat(working.complete(Outcome.success())).isTrue();
  }

  @Test
  void whoHasLeftWhenTheRouterIsClosedHasHisPlaceAllTheSame() {
    Attempts attempts = router.attempts(SAFE);
    beginWithRoomElsewhere(attempts);
    router.eject("a", LONG);
    assertThat(moved).containsExactly(Revocation.EJECTED);

    router.close();

    goesTo("b", attempts, Revocation.EJECTED);
  }

  // What is kept for an attempt that does not come

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void thePlaceOfWhoLeavesAndIsGivenUpIsReturned(boolean hasToWait) {
    Attempts attempts = router.attempts(SAFE);
    beginWithRoomElsewhere(attempts);
    Lease other = hasToWait ? fill("b") : null;
    router.eject("a", LONG);
    assertThat(moved).containsExactly(Revocation.EJECTED);
    assertThat(router.snapshot().inFlight() + router.snapshot().queued())
        .isEqualTo(hasToWait ? 2 : 1);

    attempts.end();

    assertThat(router.snapshot().queued()).isZero();
    if (other != null) {
      other.complete(Outcome.success());
    }
    assertIdle(router);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void thePlaceOfWhoIsGivenUpBeforeTheNextAttemptIsReturned(boolean hasToWait) {
    Attempts attempts = router.attempts(SAFE);
    beginWithRoomElsewhere(attempts);
    Lease other = hasToWait ? fill("b") : null;
    router.eject("a", LONG);
    assertThat(attempts.retryAfter(Revocation.EJECTED.outcome())).isPresent();
    if (other != null) {
      other.complete(Outcome.success()); // so that the lease is there, and nobody has it
    }

    attempts.end();

    assertIdle(router);
  }

  @Test
  void thePlaceOfWhoMustNotBeRepeatedAfterAllIsReturned() {
    Attempts attempts = router.attempts(SAFE.toBuilder().deadline(Duration.ofSeconds(5)).build());
    beginWithRoomElsewhere(attempts);
    router.eject("a", LONG);
    assertThat(moved).containsExactly(Revocation.EJECTED);

    time.advance(Duration.ofSeconds(6));

    assertThat(attempts.retryAfter(Revocation.EJECTED.outcome())).isEmpty();
    assertIdle(router);
  }

  @Test
  void thePlaceOfWhoHasEndedByThenIsReturned() {
    Attempts attempts = router.attempts(SAFE);
    Lease lease = attempts.nextNow();

    assertThat(attempts.leave(() -> !lease.complete(Outcome.success()))).isFalse();

    assertIdle(router);
    attempts.end();
  }

  @Test
  void thePlaceOfWhoCannotEvenBeGivenUpIsReturned() {
    Attempts attempts = router.attempts(SAFE);
    Lease lease = attempts.nextNow();

    assertThatThrownBy(
            () ->
                attempts.leave(
                    () -> {
                      throw new IllegalStateException("transport");
                    }))
        .isInstanceOf(IllegalStateException.class);

    assertThat(router.snapshot().inFlight()).isEqualTo(1);
    lease.complete(Outcome.success());
  }

  @Test
  void whoFailsWhileHeIsTakenBackHasThePlaceThatWasFoundForHim() {
    Attempts attempts = router.attempts(SAFE);
    Lease lease = attempts.nextNow();
    List<Lease> next = new ArrayList<>();

    boolean left =
        attempts.leave(
            () -> {
              assertThat(attempts.retryAfter(Outcome.serverFault())).contains(Duration.ZERO);
              next.add(attempts.nextNow());
              return lease.complete(Revocation.EJECTED.outcome());
            });

    assertThat(left).isFalse();
    assertThat(router.snapshot().inFlight()).isEqualTo(1);
    assertThat(next.get(0).complete(Outcome.success())).isTrue();
  }

  @Test
  void whoLeavesAlreadyDoesNotLeaveTwice() {
    Attempts attempts = router.attempts(SAFE);
    Lease lease = attempts.nextNow();

    assertThat(
            attempts.leave(
                () -> {
                  assertThat(attempts.leave(() -> true)).isFalse();
                  return lease.complete(Revocation.EJECTED.outcome());
                }))
        .isTrue();

    assertThat(attempts.leave(() -> true)).isFalse();
    goesTo(lease.endpoint().id().equals("a") ? "b" : "a", attempts, Revocation.EJECTED);
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
