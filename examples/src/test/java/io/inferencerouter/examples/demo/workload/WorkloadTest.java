package io.inferencerouter.examples.demo.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WorkloadTest {
  @Test
  void equalSeedsGiveEqualArrivals() throws Exception {
    Workload one = Workload.draw(5, Workload.Size.requests(40), new Tenths());

    assertThat(Workload.draw(5, Workload.Size.requests(40), new Tenths())).isEqualTo(one);
    assertThat(Workload.draw(6, Workload.Size.requests(40), new Tenths())).isNotEqualTo(one);
  }

  @Test
  void theSourceSaysHowLongTheWindowIs() throws Exception {
    Workload workload = Workload.draw(1, Workload.Size.requests(25), new Tenths());

    assertThat(workload.window()).isEqualTo(Duration.ofMillis(2500));
    assertThat(workload.jobs()).hasSize(25);
    assertThat(workload.jobs().get(24).arrivalNanos()).isEqualTo(workload.window().toNanos());
    assertThat(workload.jobs()).extracting(Job::number).isSorted().doesNotHaveDuplicates();
    assertThat(workload.inputTokens()).isEqualTo(250);
    assertThat(workload.outputTokens()).isZero();
  }

  @Test
  void aDurationGivesAsManyRequestsAsItTakes() throws Exception {
    assertThat(Workload.draw(1, Workload.Size.window(Duration.ofMillis(950)), new Tenths()).jobs())
        .hasSize(10);
  }

  @Test
  void evenArrivalsHaveEqualDistances() {
    Workload workload =
        Workload.even(List.of(FixedJob::at, FixedJob::at, FixedJob::at), Duration.ofNanos(20));

    assertThat(workload.jobs()).extracting(Job::arrivalNanos).containsExactly(0L, 20L, 40L);
    assertThat(workload.window()).isEqualTo(Duration.ofNanos(60));
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

  /** Each request keeps the fleet busy for a tenth of a second. */
  private static final class Tenths implements Workload.Source {
    private int drawn;

    @Override
    public Workload.Draft next() {
      drawn++;
      return FixedJob::at;
    }

    @Override
    public Duration window() {
      return Duration.ofMillis(100).multipliedBy(drawn);
    }
  }
}
