package io.inferencerouter.core.watch;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Attempts;
import io.inferencerouter.Endpoint;
import io.inferencerouter.FaultIsolated.Component;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.Outcome;
import io.inferencerouter.Outcome.Progress;
import io.inferencerouter.Revocation;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.RetryPolicy;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of attempts whose endpoint is taken out. */
class RedistributionTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final InferenceRequest SAFE =
      InferenceRequest.forModel("m").replayable(true).build();
  private static final InferenceRequest UNSAFE = InferenceRequest.forModel("m").build();

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();
  private final List<Revocation> revoked = new ArrayList<>();
  private final InferenceRouter router = router(RetryPolicy.builder().build());

  private InferenceRouter router(RetryPolicy retries) {
    return InferenceRouters.builder()
        .ticker(time)
        .scheduler(time)
        .random(() -> -1) // the longest back-off
        .executor(Runnable::run)
        .health(HealthPolicy.builder().consecutiveFailures(3).build())
        .retries(retries)
        .listener(events)
        .endpoint(endpoint("a"))
        .endpoint(endpoint("b"))
        .build();
  }

  private static Endpoint endpoint(String id) {
    return Endpoint.builder(id, "http://" + id).model("m").region(id).build();
  }

  @AfterEach
  void nothingIsLeft() {
    assertIdle(router);
  }

  private Lease on(String id) {
    return router.acquire(SAFE.toBuilder().allowedRegions(id).build());
  }

  @Test
  void whoeverIsOnAnEndpointIsToldWhenItIsEjectedAndNobodyElse() {
    Lease one = on("a");
    one.onRevoked(revoked::add);
    Lease other = on("b");
    other.onRevoked(why -> revoked.add(Revocation.STALLED));

    router.eject("a", LONG);

    assertThat(revoked).containsExactly(Revocation.EJECTED);
    assertThat(one.isComplete()).isFalse();
    one.close();
    other.close();
  }

  @Test
  void whoListensWhenItIsEjectedAlreadyIsToldAtOnce() {
    Lease lease = on("a");
    router.eject("a", LONG);

    lease.onRevoked(revoked::add);

    assertThat(revoked).containsExactly(Revocation.EJECTED);
    lease.close();
  }

  @Test
  void whoListensAfterItHasReturnedIsNot() {
    Lease lease = on("a");
    router.eject("a", LONG);
    router.reinstate("a");

    lease.onRevoked(revoked::add);

    assertThat(revoked).isEmpty();
    lease.close();
  }

  @Test
  void anotherEjectionTellsOnceMoreOnlyWhoCameInBetween() {
    Lease before = on("a");
    before.onRevoked(revoked::add);
    router.eject("a", LONG);
    router.eject("a", LONG.multipliedBy(2));
    router.reinstate("a");
    time.advance(Duration.ofMinutes(1));
    Lease between = on("a");
    between.onRevoked(why -> revoked.add(Revocation.REMOVED));

    router.eject("a", LONG);

    assertThat(revoked).containsExactly(Revocation.EJECTED, Revocation.REMOVED);
    before.close();
    between.close();
  }

  @Test
  void whoCouldNotGoWhenItWasNotAnsweredIsAskedAgainWhenItsEndpointIsEjected() {
    Lease lease = router.acquire(SAFE.toBuilder().streaming(true).allowedRegions("a").build());
    lease.onRevoked(revoked::add);
    time.advance(Duration.ofMinutes(3));

    router.eject("a", LONG);

    assertThat(revoked).startsWith(Revocation.UNANSWERED).endsWith(Revocation.EJECTED);
    revoked.clear();
    time.advance(Duration.ofSeconds(10));
    assertThat(revoked).as("with each look").hasSizeGreaterThan(10);
    assertThat(revoked).containsOnly(Revocation.EJECTED);

    router.reinstate("a");
    revoked.clear();
    time.advance(Duration.ofSeconds(10));
    assertThat(revoked).as("it would not leave for that").containsOnly(Revocation.UNANSWERED);
    lease.close();
  }

  @Test
  void whoHasEndedOrIsBeingAnsweredIsLeftAlone() {
    Lease ended = on("a");
    ended.onRevoked(revoked::add);
    ended.complete(Outcome.success());
    Lease answered = on("a");
    answered.onRevoked(revoked::add);
    answered.firstToken();

    router.eject("a", LONG);

    assertThat(revoked).isEmpty();
    answered.complete(Outcome.success());
  }

  @Test
  void anEndpointThatFailsIsLeftByAllAtOnce() {
    Lease waiting = on("a");
    waiting.onRevoked(revoked::add);
    for (int i = 0; i < 3; i++) {
      on("a").complete(Outcome.serverFault());
    }
    assertThat(router.snapshot().endpoint("a").orElseThrow().lifecycle())
        .isEqualTo(Lifecycle.EJECTED);
    assertThat(revoked).containsExactly(Revocation.EJECTED);
    waiting.close();
  }

  @Test
  void anEndpointThatIsOverItsQuotaFinishesWhatItHas() {
    Lease working = on("a");
    working.onRevoked(revoked::add);
    on("a").complete(Outcome.rateLimited(Duration.ofSeconds(30)));
    assertThat(router.snapshot().endpoint("a").orElseThrow().lifecycle())
        .isEqualTo(Lifecycle.EJECTED);

    assertThat(revoked).isEmpty();

    router.eject("a", Duration.ofSeconds(1)); // shorter, but for a reason that moves
    assertThat(revoked).containsExactly(Revocation.EJECTED);
    working.close();
  }

  @Test
  void anEndpointThatDrainsFinishesWhatItHas() {
    Lease working = on("a");
    working.onRevoked(revoked::add);

    CompletableFuture<Void> drained = router.drain("a");

    assertThat(revoked).isEmpty();
    working.complete(Outcome.success());
    assertThat(drained).isCompleted();
  }

  @Test
  void removingAnEndpointMovesWhatItHasAndEndsWithTheLast() {
    Lease waiting = on("a");
    waiting.onRevoked(revoked::add);
    Lease answered = on("a");
    answered.firstToken();
    CompletableFuture<Void> drained = router.drain("a");

    CompletableFuture<Void> removed = router.remove("a");

    assertThat(revoked).containsExactly(Revocation.REMOVED);
    assertThat(removed).isNotDone();
    waiting.complete(Revocation.REMOVED.outcome());
    answered.complete(Outcome.success());
    assertThat(removed).isCompleted();
    assertThat(drained).isCompleted();
    assertThatThrownBy(() -> router.remove("a")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anEndpointThatIsAddedAgainKeepsItsNewAttempts() {
    Lease old = on("a");
    CompletableFuture<Void> removed = router.remove("a");
    router.updateEndpoints(Set.of(endpoint("a"), endpoint("b")));
    assertThat(removed).isCompletedExceptionally();
    time.advance(Duration.ofMinutes(2));

    Lease lease = on("a");
    lease.onRevoked(revoked::add);

    assertThat(revoked).isEmpty();
    lease.close();
    old.close();
  }

  @Test
  void theFailuresOfMovedAttemptsAreNotHeldAgainstTheEndpointAgain() {
    Lease lease = on("a");
    lease.onRevoked(why -> lease.complete(why.outcome()));
    time.advance(Duration.ofSeconds(1));

    router.eject("a", LONG);

    assertThat(lease.isComplete()).isTrue();
    assertThat(router.snapshot().endpoint("a").orElseThrow().errorLevel()).isZero();
  }

  @Test
  void whatTheActionThrowsIsIsolated() {
    Lease lease = on("a");
    lease.onRevoked(
        why -> {
          throw new IllegalStateException("transport");
        });
    router.eject("a", LONG);

    assertThat(events.faults).hasSize(1);
    assertThat(events.faults.get(0).component()).isEqualTo(Component.REVOCATION);
    lease.close();
  }

  @Test
  void onlyOneCanListen() {
    Lease lease = on("a");
    lease.onRevoked(revoked::add);
    assertThatThrownBy(() -> lease.onRevoked(revoked::add))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected: once");
    lease.close();
  }

  // Rows of attempts

  private Lease begin(Attempts attempts) {
    Lease lease = attempts.nextNow();
    lease.onRevoked(
        why -> {
          if (attempts.leave(() -> lease.complete(why.outcome()))) {
            revoked.add(why);
          }
        });
    return lease;
  }

  @Test
  void aMovedAttemptGoesElsewhereWithoutAWaitAndIsPaidOnce() {
    InferenceRouter router =
        router(RetryPolicy.builder().budgetRatio(0).minRetriesPerSecond(1).build());
    Attempts attempts = router.attempts(SAFE);
    Lease first = begin(attempts);

    router.eject(first.endpoint().id(), LONG);

    assertThat(revoked).containsExactly(Revocation.EJECTED);
    assertThat(attempts.retryAfter(Outcome.cancelled().withProgress(Progress.SENT)))
        .contains(Duration.ZERO);
    Lease second = attempts.nextNow();
    assertThat(second.endpoint()).isNotEqualTo(first.endpoint());
    assertThat(events.retried).hasSize(1);
    assertThat(events.retried.get(0).revocation()).contains(Revocation.EJECTED);
    assertThat(events.retried.get(0).outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    second.complete(Outcome.success());
    assertIdle(router);
  }

  @Test
  void withinTheBudgetAndNotBeyondIt() {
    InferenceRouter router =
        router(RetryPolicy.builder().budgetRatio(0).minRetriesPerSecond(2).build());
    List<Attempts> all = new ArrayList<>();
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Attempts attempts = router.attempts(SAFE);
      all.add(attempts);
      leases.add(begin(attempts));
    }

    router.eject("a", LONG);

    assertThat(revoked).hasSize(2);
    leases.forEach(Lease::close);
    all.forEach(Attempts::end);
    assertIdle(router);
  }

  @Test
  void whatIsNotSafeStaysAndSoDoesTheLastAttemptAndTheOneThatCouldGoNowhere() {
    Attempts unsafe = router.attempts(UNSAFE);
    unsafe.nextNow();
    assertThat(unsafe.leave(() -> true)).isFalse();
    unsafe.retryAfter(Outcome.success());

    InferenceRouter once = router(RetryPolicy.none());
    Attempts last = once.attempts(SAFE);
    last.nextNow();
    assertThat(last.leave(() -> true)).isFalse();
    last.retryAfter(Outcome.success());

    Attempts nowhere = router.attempts(SAFE);
    Lease lease = nowhere.nextNow();
    router.eject(lease.endpoint().id().equals("a") ? "b" : "a", LONG);
    assertThat(nowhere.leave(() -> true)).isFalse();
    nowhere.retryAfter(Outcome.success());
    assertThat(nowhere.leave(() -> true)).as("over").isFalse();
  }

  @Test
  void whatIsOutOfTimeStays() {
    Attempts attempts = router.attempts(SAFE.toBuilder().deadline(Duration.ofSeconds(5)).build());
    attempts.nextNow();
    time.advance(Duration.ofSeconds(6));
    assertThat(attempts.leave(() -> true)).isFalse();
    attempts.retryAfter(Outcome.success());
  }

  @Test
  void anAttemptThatFailsByItselfWasNotMoved() {
    Attempts attempts = router.attempts(SAFE);
    Lease lease = attempts.nextNow();
    lease.onRevoked(revoked::add); // and does nothing

    router.eject(lease.endpoint().id(), LONG);
    assertThat(attempts.retryAfter(Outcome.serverFault())).isPresent();

    assertThat(revoked).hasSize(1);
    assertThat(events.retried.get(0).revocation()).isEmpty();
  }

  // Asynchronous execution

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAsynchronousAttemptIsMoved(boolean removed) {
    List<String> ids = new ArrayList<>();
    List<CompletableFuture<String>> stages = new ArrayList<>();
    CompletableFuture<String> result =
        router.executeAsync(
            SAFE,
            lease -> {
              ids.add(lease.endpoint().id());
              stages.add(new CompletableFuture<>());
              return stages.get(stages.size() - 1);
            });

    if (removed) {
      CompletableFuture<Void> unused = router.remove(ids.get(0));
    } else {
      router.eject(ids.get(0), LONG);
    }

    assertThat(ids).doesNotHaveDuplicates().hasSize(2);
    assertThat(stages.get(0)).isCancelled();
    stages.get(1).complete("answer");
    assertThat(result).isCompletedWithValue("answer");
    assertThat(events.retried.get(0).revocation())
        .contains(removed ? Revocation.REMOVED : Revocation.EJECTED);
  }

  /**
   * What happens at the moment when an attempt is given up: its lease has ended, and it has not.
   */
  private InferenceRouter whenGivenUp(Runnable action) {
    return InferenceRouters.builder()
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .listener(
            new RouterListener() {
              @Override
              public void leaseCompleted(Lease lease, Outcome outcome, long elapsedNanos) {
                if (outcome.kind() == Outcome.Kind.SERVER_FAULT) {
                  action.run();
                }
              }
            })
        .endpoint(endpoint("a"))
        .endpoint(endpoint("b"))
        .build();
  }

  @Test
  void anAsynchronousAttemptThatIsAnsweredWhileItIsGivenUpIsAnswered() {
    CompletableFuture<String> stage = new CompletableFuture<>();
    InferenceRouter router = whenGivenUp(() -> stage.complete("answer"));
    List<String> ids = new ArrayList<>();
    CompletableFuture<String> result =
        router.executeAsync(
            SAFE,
            lease -> {
              ids.add(lease.endpoint().id());
              return stage;
            });

    router.eject(ids.get(0), LONG);

    assertThat(result).isCompletedWithValue("answer");
    assertThat(ids).hasSize(1);
    assertIdle(router);
  }

  @Test
  void anAsynchronousAttemptThatIsCancelledWhileItIsGivenUpIsCancelled() {
    List<CompletableFuture<String>> results = new ArrayList<>();
    InferenceRouter router = whenGivenUp(() -> results.get(0).cancel(false));
    List<String> ids = new ArrayList<>();
    results.add(
        router.executeAsync(
            SAFE,
            lease -> {
              ids.add(lease.endpoint().id());
              return new CompletableFuture<>();
            }));

    router.eject(ids.get(0), LONG);

    assertThat(results.get(0)).isCancelled();
    assertThat(ids).hasSize(1);
    assertIdle(router);
  }

  @Test
  void anAsynchronousAttemptThatIsNotSafeToMoveStays() {
    CompletableFuture<String> stage = new CompletableFuture<>();
    List<String> ids = new ArrayList<>();
    CompletableFuture<String> result =
        router.executeAsync(
            UNSAFE,
            lease -> {
              ids.add(lease.endpoint().id());
              return stage;
            });

    router.eject(ids.get(0), LONG);

    assertThat(stage).isNotDone();
    stage.complete("answer");
    assertThat(result).isCompletedWithValue("answer");
  }
}
