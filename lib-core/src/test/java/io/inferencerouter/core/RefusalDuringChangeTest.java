package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Attempts;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Endpoints that leave and come back in the middle of a decision: which reading of the clock it is,
 * is where in the decision.
 */
class RefusalDuringChangeTest {
  private static final InferenceRequest REQUEST = InferenceRequest.forModel("m").build();
  private static final Duration AWAY = Duration.ofMillis(10);

  private final VirtualTime time = new VirtualTime();
  private Runnable then = () -> {};
  private Runnable whenDrawn = () -> {};
  private int after;
  private final InferenceRouter router =
      InferenceRouters.builder()
          .ticker(this::nanos)
          .scheduler(time)
          .executor(Runnable::run)
          .health(HealthPolicy.none())
          .random(this::random)
          .endpoint(Endpoint.builder("a", "http://a").model("m").maxConcurrency(1).build())
          .endpoint(Endpoint.builder("b", "http://b").model("f").maxConcurrency(1).build())
          .build();

  private long nanos() {
    if (after > 0 && --after == 0) {
      then.run();
    }
    return time.nanos();
  }

  /** Has something happen at one of the next readings of the clock. */
  private void at(int reading, Runnable action) {
    then = action;
    after = reading;
  }

  @AfterEach
  void nothingIsLeft() {
    after = 0;
    assertIdle(router);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void whoMayWaitIsNeverToldThatAnEndpointIsFullThatHasJustComeBack(int reading) {
    router.eject("a", AWAY);
    at(reading, () -> router.reinstate("a"));

    CompletableFuture<Lease> acquired = router.acquireAsync(REQUEST);

    assertThat(acquired).as("nobody is served later who could be served now").isDone();
    getsALeaseOrHearsThatThereIsNone(() -> acquired.join().close());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void neitherIsWhoDoesNotWait(int reading) {
    router.eject("a", AWAY);
    at(reading, () -> router.reinstate("a"));

    getsALeaseOrHearsThatThereIsNone(() -> router.acquire(REQUEST).close());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void neitherIsAnAttemptOfARow(int reading) {
    router.eject("a", AWAY);
    Attempts attempts = router.attempts(REQUEST);
    at(reading, () -> router.reinstate("a"));

    getsALeaseOrHearsThatThereIsNone(() -> attempts.nextNow().close());
  }

  private long random() {
    Runnable action = whenDrawn;
    whenDrawn = () -> {};
    action.run();
    return 0;
  }

  @Test
  void anEndpointThatComesBackWhileAFallbackIsLookedAtIsNotFull() {
    InferenceRequest request = REQUEST.toBuilder().fallbackModels("f").build();
    Lease fallback = router.acquire(InferenceRequest.forModel("f").build());
    router.eject("a", AWAY);
    whenDrawn = () -> router.reinstate("a");
    router.acquire(request).close();

    router.eject("a", AWAY);
    whenDrawn = () -> router.reinstate("a");
    router.attempts(request).nextNow().close();
    fallback.close();
  }

  private static void getsALeaseOrHearsThatThereIsNone(Runnable acquires) {
    try {
      acquires.run();
    } catch (CompletionException | InferenceRouterException refused) {
      Throwable reason = refused instanceof CompletionException ? refused.getCause() : refused;
      assertThat(reason).isInstanceOf(NoEndpointException.class);
    }
  }

  @Test
  void whoIsFullAfterItsReturnIsFull() {
    Lease only = router.acquire(REQUEST);
    router.eject("a", AWAY);
    at(1, () -> router.reinstate("a"));

    assertThatThrownBy(() -> router.acquire(REQUEST))
        .isInstanceOf(OverloadedException.class)
        .hasMessageEndingWith("): a WARMING (1 in flight)");
    only.close();
  }
}
