package io.inferencerouter.benchmarks.simulation.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final Offset<Double> EXACT = Offset.offset(1e-12);
  private static final Policy OURS = Samples.policy("default", Standing.OURS);
  private static final Policy QUICK = Samples.policy("quick", Standing.RIVAL);
  private static final Policy TOLD = Samples.policy("told", Standing.INFORMED_RIVAL);
  private static final Policy SINKHOLE = Samples.policy("sinkhole", Standing.RIVAL);
  private static final Policy SEER = Samples.policy("seer", Standing.REFERENCE);
  private static final Policy WIZARD = Samples.policy("wizard", Standing.REFERENCE);

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>(Samples.rows(OURS, 90, 110, 100));
    rows.addAll(Samples.rows(QUICK, 100, 100, 100));
    rows.addAll(Samples.rows(TOLD, 80, 100, 90));
    rows.addAll(Samples.rows(SEER, 50, 60, 70));
    return rows;
  }

  @Test
  void theBestRivalMayBeToldThings() {
    Comparison comparison = new Comparison(rows());
    Setting setting = comparison.settings().get(0);

    assertThat(comparison.settings()).hasSize(1);
    assertThat(comparison.best(setting, Metric.E2E_P99, Comparison.RIVALS)).contains("told");
    assertThat(comparison.best(setting, Metric.E2E_P99, Comparison.UNTOLD_RIVALS))
        .contains("quick");
  }

  @Test
  void ratiosArePairedBySeedAndShowTheirNoise() {
    Comparison comparison = new Comparison(rows());
    Ratio ratio =
        comparison
            .ratio(comparison.settings().get(0), Metric.E2E_P99, "default", "quick")
            .orElseThrow();

    assertThat(ratio.median()).isCloseTo(1.0, EXACT);
    assertThat(ratio.noise()).isCloseTo(0.1, EXACT);
    assertThat(ratio).hasToString("1.00 ±0.10");
  }

  @Test
  void aRivalThatLosesMoreThanOneRequestInAHundredIsInfinitelyLate() {
    List<Row> rows = new ArrayList<>(Samples.rows(OURS, 90));
    rows.addAll(Samples.rows(QUICK, 100));
    rows.add(Samples.row(Samples.scenario(1), SINKHOLE, 1, 11));
    Comparison comparison = new Comparison(rows);
    Setting setting = comparison.settings().get(0);

    assertThat(comparison.best(setting, Metric.E2E_P99, Comparison.RIVALS)).contains("quick");
    assertThat(ratio(comparison, "default", "sinkhole").median()).isZero();
    assertThat(ratio(comparison, "sinkhole", "default")).hasToString("∞");
  }

  @Test
  void ofTwoThatAreInfinitelyLateTheOneIsBetterThatLosesLess() {
    List<Row> rows = new ArrayList<>(Samples.rows(OURS, 90));
    rows.add(Samples.row(Samples.scenario(1), SINKHOLE, 1, 200));
    rows.add(Samples.row(Samples.scenario(1), QUICK, 100, 50));
    Comparison comparison = new Comparison(rows);

    assertThat(comparison.best(comparison.settings().get(0), Metric.E2E_P99, Comparison.RIVALS))
        .contains("quick");
    assertThat(ratio(comparison, "default", "quick").median()).isZero();
    // Neither has a time, so there is none to compare with
    assertThat(comparison.ratio(comparison.settings().get(0), Metric.E2E_P99, "quick", "sinkhole"))
        .isEmpty();
  }

  @Test
  void seedsInWhichBothAreInfinitelyLateAreATie() {
    List<Row> rows = new ArrayList<>();
    rows.add(Samples.row(Samples.scenario(1), OURS, 90, 100));
    rows.add(Samples.row(Samples.scenario(2), OURS, 90, 100));
    rows.add(Samples.row(Samples.scenario(3), OURS, 90, 0));
    rows.add(Samples.row(Samples.scenario(1), QUICK, 100, 100));
    rows.add(Samples.row(Samples.scenario(2), QUICK, 100, 0));
    rows.add(Samples.row(Samples.scenario(3), QUICK, 100, 0));
    Ratio ratio = ratio(new Comparison(rows), "default", "quick");

    assertThat(ratio).hasToString("1.00 ±∞");
    assertThat(ratio.isBeyondNoise(0.5)).isFalse();
  }

  @Test
  void whatIsInfiniteInMostSeedsIsNoNoise() {
    List<Row> rows = new ArrayList<>(Samples.rows(QUICK, 100, 100, 100));
    rows.add(Samples.row(Samples.scenario(1), OURS, 90, 100));
    rows.add(Samples.row(Samples.scenario(2), OURS, 90, 100));
    rows.add(Samples.row(Samples.scenario(3), OURS, 90, 0));
    Ratio ratio = ratio(new Comparison(rows), "default", "quick");

    assertThat(ratio).hasToString("∞ ±∞");
    assertThat(ratio.isBeyondNoise(1)).isTrue();
  }

  private static Ratio ratio(Comparison comparison, String policy, String against) {
    return comparison
        .ratio(comparison.settings().get(0), Metric.E2E_P99, policy, against)
        .orElseThrow();
  }

  @Test
  void theOracleIsTheBestOfTheReferencesBySeed() {
    List<Row> rows = new ArrayList<>(rows());
    rows.addAll(Samples.rows(WIZARD, 55, 55, 75));
    List<Row> all = Oracle.added(rows, Set.of("seer", "wizard"));

    List<Row> oracle = all.stream().filter(row -> row.policy().equals(Oracle.NAME)).toList();
    assertThat(oracle).extracting(row -> row.result().seed()).containsExactly(1L, 2L, 3L);
    assertThat(oracle)
        .extracting(row -> row.result().e2eMillis().p99())
        .containsExactly(50.0, 55.0, 70.0);
    // More hits are better: those of the longer name, see Samples
    assertThat(oracle.get(0).result().prefixHitRate()).isEqualTo(0.06);
    assertThat(all).hasSize(rows.size() + 3).containsAll(rows);
  }

  @Test
  void withoutReferencesThereIsNoOracle() {
    assertThat(Oracle.added(rows(), Set.of())).isEqualTo(rows());
  }

  @Test
  void mediansAreInTheMiddle() {
    assertThat(Medians.of(List.of(3.0, 1.0, 2.0))).isEqualTo(2);
    assertThat(Medians.of(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
    assertThat(Medians.of(List.of())).isNaN();
  }
}
