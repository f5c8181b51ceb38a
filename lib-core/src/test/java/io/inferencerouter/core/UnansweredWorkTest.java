package io.inferencerouter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.selection.Selectors;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An endpoint that does not answer any more. */
class UnansweredWorkTest {
  private static final int RATE = 1_000;

  private final VirtualTime time = new VirtualTime();

  private InferenceRouter router(Endpoint... endpoints) {
    return Fleets.router(Selectors.predictedTime(), time, List.of(endpoints));
  }

  private static InferenceRequest seconds(double seconds) {
    return Fleets.tokens((long) (seconds * RATE));
  }

  private static double wait(InferenceRouter router, String id) {
    return router.explain(seconds(1)).verdicts().stream()
        .filter(v -> v.endpoint().id().equals(id))
        .mapToDouble(v -> v.terms().get("wait") / 3)
        .sum();
  }

  @Test
  void looksSlowerAndSlowerAsTimePasses() {
    InferenceRouter router = router(Fleets.gpu("stuck", RATE));
    router.acquire(seconds(1));
    router.acquire(seconds(1));
    assertThat(wait(router, "stuck")).isCloseTo(2, within(1e-3));
    time.advance(Duration.ofSeconds(2));
    assertThat(wait(router, "stuck")).isCloseTo(2, within(0.1));

    double before = 2;
    for (int second = 3; second <= 60; second++) {
      time.advance(Duration.ofSeconds(1));
      double now = wait(router, "stuck");
      assertThat(now).isGreaterThan(before).isCloseTo(second, within(0.05 * second));
      before = now;
    }
  }

  @Test
  void isAvoidedAlthoughItHasTheLeastWork() {
    InferenceRouter router = router(Fleets.gpu("stuck", RATE), Fleets.gpu("busy", RATE));
    Lease first = router.acquire(seconds(0.5));
    String stuck = first.endpoint().id();
    for (int i = 0; i < 60; i++) {
      Lease lease = router.acquire(seconds(0.9));
      time.advance(Duration.ofMillis(900));
      if (!lease.endpoint().id().equals(stuck)) {
        lease.complete(Outcome.success());
      } else {
        assertThat(i).as("requests until it was noticed").isLessThan(5);
      }
    }

    assertThat(wait(router, stuck)).isGreaterThan(50);
  }

  @Test
  void recoversWithItsFirstAnswer() {
    InferenceRouter router = router(Fleets.gpu("stuck", RATE));
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      leases.add(router.acquire(seconds(1)));
    }
    time.advance(Duration.ofSeconds(40));
    assertThat(wait(router, "stuck")).isCloseTo(40, within(2.0));

    leases.remove(0).firstToken();
    assertThat(wait(router, "stuck")).as("a quarter is done").isCloseTo(30, within(2.0));
    leases.remove(0).firstToken();
    assertThat(wait(router, "stuck")).as("a third of the rest").isCloseTo(27, within(2.0));
    leases.remove(0).firstToken();
    assertThat(wait(router, "stuck")).as("half of the rest").isCloseTo(20, within(2.0));
    leases.remove(0).firstToken();
    assertThat(wait(router, "stuck")).isZero();
    router.acquire(seconds(1));
    assertThat(wait(router, "stuck")).as("new work is not old").isCloseTo(1, within(1e-3));
  }

  @Test
  void recoversAsWellWhenItsRequestsEndWithoutAnAnswer() {
    InferenceRouter router = router(Fleets.gpu("stuck", RATE));
    Lease first = router.acquire(seconds(1));
    Lease second = router.acquire(seconds(1));
    time.advance(Duration.ofSeconds(30));
    first.close();
    second.close();

    router.acquire(seconds(1));
    assertThat(wait(router, "stuck")).isCloseTo(1, within(1e-3));
  }

  @Test
  void anEndpointThatAnswersInTurnNeverLooksOld() {
    InferenceRouter router = router(Fleets.gpu("gpu", RATE));
    List<Lease> queue = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      queue.add(router.acquire(seconds(1)));
      time.advance(Duration.ofSeconds(1));
    }
    for (int i = 0; i < 100; i++) {
      queue.remove(0).complete(Outcome.success());
      queue.add(router.acquire(seconds(1)));
      assertThat(wait(router, "gpu")).isBetween(2.5, 7.0);
      time.advance(Duration.ofSeconds(1));
    }
  }
}
