package io.inferencerouter.examples.demo.report;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.examples.loopback.Served;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  private static final Percentage DIGITS = Percentage.withPercentage(0.1);

  @Test
  void percentilesAreThoseOfTheRecordedTimes() {
    Latencies latencies = Latencies.of(LongStream.rangeClosed(1, 1000).map(ms -> ms * 1_000_000));

    assertThat(latencies.count()).isEqualTo(1000);
    assertThat(latencies.percentile(50, MILLISECONDS)).isCloseTo(500, DIGITS);
    assertThat(latencies.percentile(99, MILLISECONDS)).isCloseTo(990, DIGITS);
    assertThat(latencies.percentile(100, MICROSECONDS)).isCloseTo(1_000_000, DIGITS);
  }

  @Test
  void nothingRecordedIsZero() {
    assertThat(new Latencies().percentile(99, MILLISECONDS)).isZero();
  }

  @Test
  void theCoefficientOfVariationIsTheDeviationDividedByTheMean() {
    assertThat(new Utilisation(Map.of("a", 0.2, "b", 0.4)).variation())
        .isEqualTo(0.1 / 0.3, within(1e-12));
    assertThat(new Utilisation(Map.of("a", 0.4, "b", 0.4)).variation()).isZero();
    assertThat(new Utilisation(Map.of("a", 0.0, "b", 0.0)).variation()).isZero();
    assertThat(new Utilisation(Map.of()).variation()).isZero();
  }

  @Test
  void utilisationCountsWhatLiesWithinTheWindow() {
    Utilisation.Window window = new Utilisation.Window(1000, 2000);
    window.add(
        "a",
        2,
        List.of(
            new Served(0, 900, 0), // before
            new Served(500, 1200, 0), // 200 within
            new Served(1300, 1500, 0), // 200
            new Served(1900, 5000, 0), // 100
            new Served(2000, 2500, 0))); // after
    window.add("b", 1, List.of(new Served(0, 9000, 0)));

    Utilisation utilisation = window.utilisation();

    assertThat(utilisation.byEndpoint())
        .containsExactly(Map.entry("a", 500.0 / 2000), Map.entry("b", 1.0));
    assertThat(utilisation.busiest()).isEqualTo(1.0);
  }

  @Test
  void utilisationHoldsWhenTheClockOverflows() {
    Utilisation.Window window = new Utilisation.Window(Long.MAX_VALUE - 500, Long.MIN_VALUE + 499);
    window.add("a", 1, List.of(new Served(Long.MAX_VALUE - 100, Long.MIN_VALUE + 99, 0)));

    assertThat(window.utilisation().byEndpoint().get("a")).isEqualTo(0.2, within(1e-12));
  }

  @Test
  void anOverrunIsTheTimeBeyondTheStatedOne() {
    assertThat(new Served(100, 600, 500).overrunNanos()).isZero();
    assertThat(new Served(100, 590, 500).overrunNanos()).isZero();
    assertThat(new Served(100, 650, 500).overrunNanos()).isEqualTo(50);
  }
}
