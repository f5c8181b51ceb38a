package io.inferencerouter.core.selection;

import static io.inferencerouter.core.testing.Fleets.equal;
import static io.inferencerouter.core.testing.Fleets.tokens;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.core.testing.AllSelectors;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Of endpoints between which nothing decides each is chosen as often, at any size of the fleet. */
class TiesTest {
  private static final int EXPECTED = 200;

  private final VirtualTime time = new VirtualTime();

  static Stream<Arguments> selectorsAndSizes() {
    // The chi-square that chance exceeds once in a thousand times, by degrees of freedom.
    return AllSelectors.thatGoByLoad().stream()
        .flatMap(
            selector ->
                Stream.of(
                    Arguments.of(selector, 2, 10.8),
                    Arguments.of(selector, 3, 13.8),
                    Arguments.of(selector, 8, 24.3),
                    Arguments.of(selector, 9, 26.1),
                    Arguments.of(selector, 100, 148.2)));
  }

  @ParameterizedTest
  @MethodSource("selectorsAndSizes")
  void tiesAreUniform(EndpointSelector selector, int size, double limit) {
    InferenceRouter router = Fleets.router(selector, time, equal(size));
    int[] shares = new int[size];
    for (int i = 0; i < EXPECTED * size; i++) {
      try (Lease lease = router.acquire(tokens(100))) {
        shares[Integer.parseInt(lease.endpoint().id().substring(1))]++;
      }
    }

    double chiSquare = 0;
    for (int share : shares) {
      chiSquare += (share - EXPECTED) * (double) (share - EXPECTED) / EXPECTED;
    }
    assertThat(chiSquare).isLessThan(limit);
  }
}
