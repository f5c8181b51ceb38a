package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Attempts;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Attempts that find no room where they should go, and requests that find nobody to go to. */
class AttemptMoveTest {
  private static final InferenceRequest REQUEST =
      InferenceRequest.forAnyModel().replayable(true).build();

  private final VirtualTime time = new VirtualTime();
  private final List<RequestShed> shed = new ArrayList<>();
  private final InferenceRouter router =
      InferenceRouters.builder()
          .ticker(time)
          .scheduler(time)
          .executor(Runnable::run)
          .slowStart(SlowStart.none())
          .selector((request, candidates) -> candidates.isAvailable(0) ? 0 : 1)
          .listener(
              new RouterListener() {
                @Override
                public void requestShed(RequestShed event) {
                  shed.add(event);
                }
              })
          .build();

  private void endpoints(String... ids) {
    List<Endpoint> all = new ArrayList<>();
    for (String id : ids) {
      all.add(Endpoint.builder(id, "http://" + id).maxConcurrency(1).build());
    }
    router.updateEndpoints(all);
  }

  @AfterEach
  void nothingIsLeft() {
    assertIdle(router);
    router.close();
  }

  private static String id(Lease lease) {
    return lease.endpoint().id();
  }

  @Test
  void anAttemptMovesToAnEndpointWithRoomAndCountsOnce() {
    endpoints("a", "b");
    Attempts attempts = router.attempts(REQUEST);
    Lease full = attempts.nextNow();
    List<Lease> moved = new ArrayList<>();
    assertThat(attempts.move(Set.of(), moved::add)).isTrue();
    full.close();
    assertThat(id(full)).isEqualTo("a");
    assertThat(moved).extracting(AttemptMoveTest::id).containsExactly("b");
    assertThat(attempts.made()).isEqualTo(1);
    assertThat(attempts.retryAfter(Outcome.serverFault())).isPresent();
    assertThat(moved.get(0).isComplete()).isTrue();
    Lease again = attempts.nextNow();
    assertThat(id(again)).as("the one that was left was not tried").isEqualTo("a");
    again.complete(Outcome.success());
  }

  @Test
  void aLeaseThatIsNotAcceptedIsReturnedAndNothingChanges() {
    endpoints("a", "b");
    Attempts attempts = router.attempts(REQUEST);
    Lease stays = attempts.nextNow();
    assertThat(attempts.move(Set.of(), lease -> false)).isFalse();
    assertThatThrownBy(
            () ->
                attempts.move(
                    Set.of(),
                    lease -> {
                      throw new IllegalStateException("a defect of the transport");
                    }))
        .hasMessage("a defect of the transport");
    assertThat(router.snapshot().inFlight()).isEqualTo(1);
    assertThat(attempts.retryAfter(Outcome.success())).isEmpty();
    assertThat(stays.isComplete()).isTrue();
  }

  @Test
  void noAttemptMovesToAnEndpointThatIsAvoidedOrTriedOrTaken() {
    endpoints("a", "b");
    Attempts attempts = router.attempts(REQUEST);
    Lease lease = attempts.nextNow();
    assertThat(attempts.move(Set.of("b"), any -> true)).isFalse();
    try (Lease other = router.acquire(REQUEST)) {
      assertThat(id(other)).isEqualTo("b");
      assertThat(attempts.move(Set.of(), any -> true)).isFalse();
    }
    assertThat(attempts.retryAfter(Outcome.serverFault())).isPresent();
    Lease second = attempts.nextNow();
    assertThat(id(second)).isEqualTo("b");
    assertThat(attempts.move(Set.of(), any -> true)).as("to the one that failed").isFalse();
    assertThat(shed).isEmpty();
    assertThat(lease.isComplete()).isTrue();
    second.close();
  }

  @Test
  void onlyAnAttemptThatIsUnderWayMoves() {
    endpoints("a", "b");
    Attempts attempts = router.attempts(REQUEST);
    assertThatThrownBy(() -> attempts.move(Set.of(), any -> true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("attempt: none under way (expected: after a lease)");
  }

  @Test
  void whoFindsNobodyMayAskAgain() {
    Attempts attempts = router.attempts(REQUEST);
    assertThatThrownBy(attempts::nextNow).isInstanceOf(NoEndpointException.class);
    assertThat(attempts.next()).isCompletedExceptionally();
    endpoints("a");
    CompletableFuture<Lease> next = attempts.next();
    assertThat(next).isCompleted();
    assertThat(attempts.made()).isEqualTo(1);
    next.join().close();
  }

  @Test
  void whoFindsNobodyAfterABackOffMayAskAgainWithoutOne() {
    endpoints("a", "b");
    Attempts attempts = router.attempts(REQUEST);
    attempts.nextNow();
    Duration wait = attempts.retryAfter(Outcome.serverFault()).orElseThrow();
    CompletableFuture<Lease> next = attempts.next();
    endpoints();
    time.advance(wait);
    assertThat(next).isCompletedExceptionally();
    endpoints("c");
    next = attempts.next();
    assertThat(next).isCompleted();
    assertThat(attempts.made()).isEqualTo(2);
    next.join().close();
  }
}
