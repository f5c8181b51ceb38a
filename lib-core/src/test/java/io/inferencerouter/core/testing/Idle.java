package io.inferencerouter.core.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.InferenceRouter;
import java.time.Duration;

/** Asserts that a router holds nothing. */
public final class Idle {
  private Idle() {}

  public static void assertIdle(InferenceRouter router) {
    assertThat(router.snapshot().queued()).as("queued").isZero();
    assertThat(router.snapshot().endpoints())
        .allSatisfy(
            endpoint -> {
              assertThat(endpoint.inFlight()).as("in flight").isZero();
              assertThat(endpoint.reservedInput()).as("input").isEqualTo(Duration.ZERO);
              assertThat(endpoint.reservedOutput()).as("output").isEqualTo(Duration.ZERO);
              assertThat(endpoint.reservedMemory()).as("memory").isZero();
            });
  }
}
