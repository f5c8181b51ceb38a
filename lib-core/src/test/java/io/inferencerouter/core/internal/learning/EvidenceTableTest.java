package io.inferencerouter.core.internal.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceTableTest {
  private static final double UNKNOWN = -1;
  private static final float PRIOR_WEIGHT = 3;

  private final EvidenceTable table = table();

  private static EvidenceTable table() {
    return new EvidenceTable(64, PRIOR_WEIGHT, 1_000);
  }

  @Test
  void aKeyOfWhichNothingIsKnownHasThePrior() {
    assertThat(table.mean(EvidenceTable.key("a", "b"), 7)).isEqualTo(7);
  }

  @Property
  void theMeanIsThatOfAllEvidenceAndOfThePrior(
      @ForAll @Size(max = 100) List<@DoubleRange(max = 1e4) Double> values,
      @ForAll @DoubleRange(max = 1e4) double prior) {
    EvidenceTable tried = table(); // jqwik keeps the instance for all tries
    long key = EvidenceTable.key("model", "tenant");
    double sum = PRIOR_WEIGHT * prior;
    for (double value : values) {
      tried.add(key, (float) (2 * value), 2, prior);
      sum += 2 * value;
    }

    double mean = sum / (PRIOR_WEIGHT + 2 * values.size());
    assertThat(tried.mean(key, prior)).isCloseTo(mean, within(1e-3 * (mean + 1)));
  }

  @Property
  void asManyKeysAsAPlaceHasWaysNeverDisturbEachOther(
      @ForAll @Size(max = 200) List<@IntRange(max = 3) Integer> order) {
    EvidenceTable tried = table(); // jqwik keeps the instance for all tries
    Map<Integer, Integer> counts = new HashMap<>();
    for (int which : order) {
      tried.add(EvidenceTable.key("model " + which, ""), which, 1, which);
      counts.merge(which, 1, Integer::sum);
    }

    for (int which = 0; which < 4; which++) {
      assertThat(tried.mean(EvidenceTable.key("model " + which, ""), UNKNOWN))
          .isEqualTo(counts.containsKey(which) ? which : UNKNOWN);
    }
  }

  @Test
  void olderEvidenceFadesBeyondTheWindow() {
    long key = EvidenceTable.key("a", "");
    for (int i = 0; i < 5_000; i++) {
      table.add(key, 10, 1, 10);
    }
    for (int i = 0; i < 3_000; i++) {
      table.add(key, 100, 1, 10);
    }

    assertThat(table.mean(key, 10)).isBetween(90.0, 100.0);
  }

  @Test
  void evidenceThatIsLargerThanTheWindowTakesThePlaceOfAllBefore() {
    long key = EvidenceTable.key("a", "");
    table.add(key, 10_000, 1_001, 10);
    table.add(key, 1e6f, 10_000, 10);

    assertThat(table.mean(key, 10)).isCloseTo(100, within(0.1));
  }

  @Test
  void itRemembersNoMoreKeysThanItHasPlaces() {
    for (int i = 0; i < 1_000_000; i++) {
      table.add(EvidenceTable.key("model", "tenant " + i), 5, 1, 5);
    }

    int known = 0;
    for (int i = 0; i < 1_000_000; i++) {
      known += table.mean(EvidenceTable.key("model", "tenant " + i), UNKNOWN) == UNKNOWN ? 0 : 1;
    }
    assertThat(known).isBetween(32, 64);
  }

  @Test
  void theKeyWithTheLeastEvidenceMakesRoom() {
    EvidenceTable small = new EvidenceTable(4, PRIOR_WEIGHT, 1_000);
    for (int i = 0; i < 4; i++) {
      small.add(EvidenceTable.key("k" + i, ""), 5, i == 2 ? 1 : 10, 5);
    }

    small.add(EvidenceTable.key("new", ""), 5, 1, 5);

    assertThat(small.mean(EvidenceTable.key("k2", ""), UNKNOWN)).isEqualTo(UNKNOWN);
    for (String kept : List.of("k0", "k1", "k3", "new")) {
      assertThat(small.mean(EvidenceTable.key(kept, ""), UNKNOWN)).isNotEqualTo(UNKNOWN);
    }
  }

  /** A table of as many places as a key can be in, each held by a key of full weight. */
  private static EvidenceTable heldByFour(float window) {
    EvidenceTable held = new EvidenceTable(4, PRIOR_WEIGHT, window);
    for (int key = 0; key < 4; key++) {
      for (int i = 0; i < 2_000; i++) {
        held.add(key("old", key), 5, 1, 5);
      }
    }
    return held;
  }

  private static long key(String name, int number) {
    return EvidenceTable.key(name + number, "");
  }

  private static long remembered(EvidenceTable table, String name, int count) {
    return IntStream.range(0, count)
        .filter(number -> table.mean(key(name, number), UNKNOWN) != UNKNOWN)
        .count();
  }

  private static double bound(float window, float weight) {
    return EvidenceTable.HALVING * (Math.log(window / weight) / Math.log(2) + 1);
  }

  @ParameterizedTest
  @CsvSource({"200, 1, 1", "200, 1, 2", "200, 1, 4", "1000, 1, 3", "1000, 0.1, 2", "1000, 50, 4"})
  void keysOfWhichNothingMoreIsHeardGiveWayWithinABoundOfNewcomers(
      float window, float weight, int newKeys) {
    EvidenceTable held = heldByFour(window);
    double bound = bound(window, weight);

    int newcomers = 0;
    for (int round = 0; round < 10_000 && remembered(held, "new", newKeys) < newKeys; round++) {
      for (int number = 0; number < newKeys; number++) {
        newcomers += held.mean(key("new", number), UNKNOWN) == UNKNOWN ? 1 : 0;
        held.add(key("new", number), 7 * weight, weight, 5);
      }
    }

    assertThat(remembered(held, "new", newKeys)).isEqualTo(newKeys);
    assertThat((double) newcomers).isLessThanOrEqualTo(bound);
  }

  @Test
  void ofKeysThatComeButOnceNoneOutlastsTheBound() {
    EvidenceTable held = heldByFour(200);

    for (int number = 0; number < bound(200, 1); number++) {
      held.add(key("once", number), 5, 1, 5);
    }

    assertThat(remembered(held, "old", 4)).isZero();
  }

  @Test
  void aKeyThatIsHeardOfAmongNewcomersKeepsItsPlaceAndItsEvidence() {
    EvidenceTable held = heldByFour(200);
    held.add(key("once", -1), 500, 1, 5); // of equals, somebody had to go
    int heard = held.mean(key("old", 2), UNKNOWN) == UNKNOWN ? 1 : 2;
    long key = key("old", heard);
    double mean = held.mean(key, UNKNOWN);

    for (int number = 0; number < 100_000; number++) {
      held.add(key("once", number), 500, 1, 5);
      if (number % EvidenceTable.KEEPING == 0) {
        held.add(key, 5, 1, 5);
      }
      assertThat(held.mean(key, UNKNOWN)).isCloseTo(mean, within(1e-3));
    }
  }

  @Test
  void keysTellNamesAndTheirOrderApart() {
    assertThat(EvidenceTable.key("a", "b")).isNotEqualTo(EvidenceTable.key("b", "a"));
    assertThat(EvidenceTable.key("a", "")).isNotEqualTo(EvidenceTable.key("", "a"));
    assertThat(EvidenceTable.key("", "")).isNotZero();
    assertThat(EvidenceTable.key("a", "b", "")).isEqualTo(EvidenceTable.key("a", "b"));
    assertThat(EvidenceTable.key("a", "b", "c"))
        .isNotEqualTo(EvidenceTable.key("a", "c", "b"))
        .isNotEqualTo(EvidenceTable.key("c", "b", "a"))
        .isNotEqualTo(EvidenceTable.key("a", "", "c"));
    assertThat(EvidenceTable.key("", "", "c")).isNotEqualTo(EvidenceTable.key("", "c", ""));
  }

  @Test
  void noPairOfNamesHasTheKeyOfAFreePlace() {
    long key = EvidenceTable.key(named(0x9e37_79b9), named(0x7f4a_7c15));

    assertThat(key).isNotZero();
  }

  /** A text with a given hash code. */
  private static String named(int hash) {
    StringBuilder digits = new StringBuilder();
    for (long rest = hash & 0xffff_ffffL; rest != 0; rest /= 31) {
      digits.append((char) (rest % 31));
    }
    String name = digits.reverse().toString();
    assertThat(name.hashCode()).isEqualTo(hash);
    return name;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 3, 5, 100, -4})
  void aNumberOfPlacesThatIsNoPowerOfTwoIsRefused(int places) {
    assertThatThrownBy(() -> new EvidenceTable(places, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("places: " + places + " (expected: ");
  }
}
