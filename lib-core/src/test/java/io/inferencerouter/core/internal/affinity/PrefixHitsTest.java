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

  @Test
  void nothingIsFoundAtFirst() {
    assertThat(hits.isEmpty()).isTrue();
    assertThat(hits.holders()).isZero();
    assertThat(hits.blocksOn(0)).isZero();
    assertThat(hits.cachedShare(0)).isZero();
  }

  @Test
  void theSameHitsCanBeUsedAgain() {
    hits.reset(5);
    hits.offer(1, 3);
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
    hits.offer(1, 8);
    hits.offer(2, 3);

    assertThat(hits.blocksOn(1)).isEqualTo(8);
    assertThat(hits.blocksOn(2)).isEqualTo(4);
    assertThat(hits.blocksOn(3)).isEqualTo(4);
    assertThat(hits.cachedShare(1)).isEqualTo(8 / 10.5, within(1e-9));
  }

  @Test
  void theLargestSlotAndTheLongestPromptFit() {
    hits.reset(PrefixIndex.MAX_BLOCKS);
    hits.offer(EndpointCaches.MAX_SLOTS - 1, PrefixIndex.MAX_BLOCKS);

    assertThat(hits.slot(0)).isEqualTo(EndpointCaches.MAX_SLOTS - 1);
    assertThat(hits.blocks(0)).isEqualTo(PrefixIndex.MAX_BLOCKS);
    assertThat(hits.cachedShare(EndpointCaches.MAX_SLOTS - 1)).isBetween(0.99, 1.0);
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
      hits.offer(slot, blocks);
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
