package io.inferencerouter.core.internal.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PrefixHitsTest {
  private final PrefixHits hits = new PrefixHits();
  private final EndpointCaches caches = new EndpointCaches(EndpointCaches.MAX_SLOTS);

  @Test
  void nothingIsFoundAtFirst() {
    assertThat(hits.isEmpty()).isTrue();
    assertThat(hits.holders()).isZero();
    assertThat(hits.blocksOn(0)).isZero();
    assertThat(hits.cachedShare(0, caches)).isZero();
  }

  @Test
  void theSameHitsCanBeUsedAgain() {
    hits.reset(5);
    hits.offer(1, 3, 0);
    hits.offerCommon(2);

    hits.reset(7);

    assertThat(hits.isEmpty()).isTrue();
    assertThat(hits.commonBlocks()).isZero();
    assertThat(hits.totalBlocks()).isEqualTo(7);
  }

  @Test
  void whatIsCommonIsOnEveryEndpoint() {
    hits.reset(10);
    hits.offerCommon(4);
    hits.offer(1, 8, 0);
    hits.offer(2, 3, 0);

    assertThat(hits.blocksOn(1)).isEqualTo(8);
    assertThat(hits.blocksOn(2)).isEqualTo(4);
    assertThat(hits.blocksOn(3)).isEqualTo(4);
    assertThat(hits.cachedShare(1, caches)).isEqualTo(8 / 10.5, within(1e-9));
  }

  @Test
  void whoHasProbablyForgottenIsNotFirst() {
    caches.learn(1, 100, 0);
    hits.reset(20);
    hits.offerCommon(2);
    hits.offer(1, 18, 384);
    hits.offer(2, 12, 384);
    hits.rank(caches);

    assertThat(hits.slot(0)).isEqualTo(2);
    assertThat(hits.slot(1)).isEqualTo(1);
    assertThat(hits.cachedShare(2, caches)).isEqualTo(12 / 20.5, within(1e-9));
    assertThat(hits.cachedShare(1, caches)).isBetween(2 / 20.5, 3 / 20.5);
    assertThat(hits.advantage(caches)).isEqualTo(10 / 20.0, within(1e-9));
  }

  @Test
  void aReportTeachesOfWhatIsBeyondTheCommon() {
    hits.reset(20);
    hits.offerCommon(2);
    hits.offer(1, 18, 384);
    hits.rank(caches);

    hits.teach(caches, 3, 0);
    hits.teach(caches, 1, 18 / 20.5);
    assertThat(caches.kept(1, 384)).isEqualTo(1);
    hits.teach(caches, 1, 2 / 20.5);
    assertThat(caches.kept(1, 384)).isCloseTo(0.5, within(1e-3));
    assertThat(caches.kept(3, 384)).isEqualTo(1);
    caches.unlearn(1);
    assertThat(caches.kept(1, 384)).isEqualTo(1);
  }

  @Test
  void theLargestSlotAndTheLongestPromptFit() {
    hits.reset(PrefixIndex.MAX_BLOCKS);
    hits.offer(EndpointCaches.MAX_SLOTS - 1, PrefixIndex.MAX_BLOCKS, 0);

    assertThat(hits.slot(0)).isEqualTo(EndpointCaches.MAX_SLOTS - 1);
    assertThat(hits.blocks(0)).isEqualTo(PrefixIndex.MAX_BLOCKS);
    assertThat(hits.cachedShare(EndpointCaches.MAX_SLOTS - 1, caches)).isBetween(0.99, 1.0);
  }

  @Test
  void anIndexOutOfRangeIsRefused() {
    assertThatThrownBy(() -> hits.slot(4)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Property
  void theLongestFourSlotsAreKeptInOrder(
      @ForAll @Size(max = 12) List<@IntRange(min = 1, max = 1 << 22) Integer> offers) {
    hits.reset(PrefixIndex.MAX_BLOCKS);
    Map<Integer, Integer> offered = new HashMap<>();
    for (int offer : offers) {
      int slot = offer % 6;
      int blocks = 1 + offer / 6 % 50;
      hits.offer(slot, blocks, 0);
      offered.merge(slot, blocks, Math::max);
    }

    List<Integer> longest =
        offered.values().stream().sorted(Comparator.reverseOrder()).limit(4).toList();
    assertThat(hits.holders()).isEqualTo(longest.size());
    for (int i = 0; i < longest.size(); i++) {
      assertThat(hits.blocks(i)).isEqualTo(longest.get(i));
      assertThat(offered.get(hits.slot(i))).isEqualTo(hits.blocks(i));
      assertThat(hits.blocksOn(hits.slot(i))).isEqualTo(hits.blocks(i));
    }
  }
}
