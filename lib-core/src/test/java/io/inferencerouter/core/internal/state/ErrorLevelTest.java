package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Candidates;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ErrorLevelTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final OutstandingWork endpoint = new OutstandingWork();

  @Property
  void eachFailureRaisesTheLevelByOneUpToTheMaximum(@ForAll long now) {
    OutstandingWork failing = new OutstandingWork();
    for (int failures = 1; failures <= 20; failures++) {
      failing.failed(now);
      assertThat(failing.errorLevel(now))
          .isCloseTo(Math.min(failures, Candidates.MAX_ERROR_LEVEL), within(0.01));
    }
  }

  @Property
  void timeHalvesTheLevelInTenSecondsWhereverTheClockStands(@ForAll long now) {
    OutstandingWork failing = new OutstandingWork();
    failing.failed(now);
    failing.failed(now);

    assertThat(failing.errorLevel(now + 10 * SECOND)).isCloseTo(1, within(0.01));
    assertThat(failing.errorLevel(now + 90 * SECOND)).isCloseTo(0.2, within(0.01));
    assertThat(failing.errorLevel(now - SECOND)).isCloseTo(2, within(0.01));
  }

  @Test
  void aRunOfSuccessesForgetsEverything() {
    for (int i = 0; i < 20; i++) {
      endpoint.failed(0);
    }
    int successes = 0;
    while (endpoint.isErrorLevelRaised()) {
      endpoint.succeeded(0);
      successes++;
    }

    assertThat(successes).isBetween(8, 12);
    assertThat(endpoint.errorLevel(0)).isZero();
  }

  @Test
  void anEndpointThatFailsHalfOfTheTimeStaysUnderSuspicion() {
    for (int i = 0; i < 100; i++) {
      endpoint.failed(i);
      endpoint.succeeded(i);
    }

    assertThat(endpoint.errorLevel(100)).isCloseTo(1, within(0.05));
  }
}
