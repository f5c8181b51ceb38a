package io.inferencerouter.examples.demo.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.examples.demo.engine.Calibration;
import io.inferencerouter.examples.demo.engine.LoadedModel;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkloadTest {
  private static final Calibration CALIBRATION = new Calibration(120_000);

  @Test
  void equalSeedsGiveEqualWorkloads() throws Exception {
    Workload one = workload(5, Workload.Size.requests(40), 0.5);

    assertThat(workload(5, Workload.Size.requests(40), 0.5)).isEqualTo(one);
    assertThat(workload(6, Workload.Size.requests(40), 0.5)).isNotEqualTo(one);
  }

  @Test
  void theWindowIsThatInWhichTheFleetIsBusyToTheGivenDegree() throws Exception {
    Workload workload = workload(1, Workload.Size.requests(100), 0.4);

    int tokens = workload.jobs().stream().mapToInt(Job::tokens).sum();
    double work = CALIBRATION.nominal(tokens).toNanos();
    assertThat(work / workload.window().toNanos() / Fleet.MIXED.capacity())
        .isEqualTo(0.4, within(1e-6));
  }

  @Test
  void aDurationGivesAsManyRequestsAsItTakes() throws Exception {
    Workload workload = workload(1, Workload.Size.window(Duration.ofSeconds(10)), 0.4);

    assertThat(workload.window()).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
    Workload shorter = workload(1, Workload.Size.requests(workload.jobs().size() - 1), 0.4);
    assertThat(shorter.window()).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void arrivalsAscendToTheEndOfTheWindow() {
    long[] arrivals = Arrivals.draw(new SplittableRandom(1), 500, 1_000_000_000);

    assertThat(arrivals).isSorted().hasSize(500);
    assertThat(arrivals[0]).isNotNegative();
    assertThat(arrivals[499]).isEqualTo(1_000_000_000);
  }

  @Test
  void arrivalsAreBurstierThanAPoissonProcess() {
    long[] arrivals = Arrivals.draw(new SplittableRandom(1), 5000, 1_000_000_000_000L);

    double squares = 0;
    double mean = 1e12 / 5000;
    for (int i = 1; i < arrivals.length; i++) {
      double gap = arrivals[i] - arrivals[i - 1] - mean;
      squares += gap * gap / 4999;
    }
    assertThat(Math.sqrt(squares) / mean).isGreaterThan(1.15);
  }

  @ParameterizedTest
  @EnumSource
  void noFleetNeedsMoreThanTwoProcessorsOrOverloadsItsSlowestEndpoint(Fleet fleet) {
    assertThat(fleet.capacity()).isLessThan(1.3);
    assertThat(fleet.slowestBusyWithEqualShares(fleet.defaultLoad())).isLessThan(0.95);
  }

  @Test
  void equalSharesOfAUniformFleetAreTheLoad() {
    assertThat(Fleet.UNIFORM.slowestBusyWithEqualShares(0.7)).isEqualTo(0.7, within(1e-9));
  }

  private static Workload workload(long seed, Workload.Size size, double load) throws Exception {
    return Workload.create(seed, size, load, Fleet.MIXED, LoadedModel.get(), CALIBRATION);
  }
}
