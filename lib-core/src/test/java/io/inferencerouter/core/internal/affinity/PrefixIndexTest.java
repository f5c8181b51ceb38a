package io.inferencerouter.core.internal.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.InferenceRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixIndexTest {
  private static final long MODEL = 77;

  private final EndpointCaches caches = new EndpointCaches(64);
  private final PrefixIndex index = new PrefixIndex(caches, 1 << 16, 42);
  private final PrefixHits hits = new PrefixHits();

  private PrefixHits lookup(InferenceRequest request) {
    index.lookup(request, MODEL, hits);
    return hits;
  }

  private void record(int slot, InferenceRequest request) {
    index.record(request, MODEL, slot);
  }

  @Test
  void aRequestWithoutKeysHitsNothing() {
    record(3, InferenceRequest.anyModel());

    assertThat(lookup(InferenceRequest.anyModel()).isEmpty()).isTrue();
    assertThat(hits.totalBlocks()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 100, 1000, 4096})
  void theNextTurnOfAConversationFindsTheLast(int blocks) {
    record(3, Prompts.conversation(1, blocks));

    lookup(Prompts.conversation(1, blocks + 5));

    assertThat(hits.holders()).isEqualTo(1);
    assertThat(hits.slot(0)).isEqualTo(3);
    assertThat(hits.blocks(0)).isEqualTo(blocks);
    assertThat(hits.totalBlocks()).isEqualTo(blocks + 5);
  }

  @Test
  void anotherConversationOrModelFindsNothing() {
    record(3, Prompts.conversation(1, 20));

    assertThat(lookup(Prompts.conversation(2, 20)).isEmpty()).isTrue();
    index.lookup(Prompts.conversation(1, 20), MODEL + 1, hits);
    assertThat(hits.isEmpty()).isTrue();
  }

  @Test
  void threeDifferentLengthsAreAllFoundExactly() {
    record(5, Prompts.conversation(1, 90));
    record(6, Prompts.conversation(1, 37));
    record(7, Prompts.conversation(1, 4));

    lookup(Prompts.conversation(1, 100));

    assertThat(hits.blocksOn(5)).isEqualTo(90);
    assertThat(hits.blocksOn(6)).isEqualTo(37);
    assertThat(hits.blocksOn(7)).isBetween(1, 4);
    assertThat(hits.slot(0)).isEqualTo(5);
  }

  @Test
  void aBlockThatMoreThanFourEndpointsHoldSpeaksForNobody() {
    for (int slot = 0; slot < 20; slot++) {
      record(slot, Prompts.sharing(12, slot, 30));
    }

    lookup(Prompts.sharing(12, 999, 30));
    assertThat(hits.holders()).isZero();
    assertThat(hits.commonBlocks()).isEqualTo(12);

    lookup(Prompts.sharing(12, 7, 40));
    assertThat(hits.holders()).isEqualTo(1);
    assertThat(hits.slot(0)).isEqualTo(7);
    assertThat(hits.blocks(0)).isEqualTo(30);
    assertThat(hits.commonBlocks()).isEqualTo(12);
    assertThat(hits.blocksOn(8)).isEqualTo(12);
  }

  @Test
  void aCommonBlockStaysCommonWhileItIsUsedAndDoesNotThrash() {
    for (int round = 0; round < 50; round++) {
      for (int slot = 0; slot < 8; slot++) {
        record(slot, Prompts.sharing(1, round * 8L + slot, 20));
      }
      lookup(Prompts.sharing(1, -5, 20));
      assertThat(hits.holders()).isZero();
      assertThat(hits.commonBlocks()).isEqualTo(1);
    }
  }

  @Test
  void aCommonBlockThatIsNoLongerUsedIsForgotten() {
    for (int slot = 0; slot < 8; slot++) {
      record(slot, Prompts.sharing(2, slot, 3));
    }
    for (int id = 0; id < 100; id++) {
      record(id % 8, Prompts.conversation(1000 + id, 1000));
    }

    assertThat(lookup(Prompts.sharing(2, -5, 3)).commonBlocks()).isZero();
  }

  @Test
  void fourHoldersAreKeptApart() {
    for (int slot = 0; slot < 4; slot++) {
      record(slot, Prompts.conversation(1, 10));
    }

    lookup(Prompts.conversation(1, 10));

    assertThat(hits.holders()).isEqualTo(4);
    assertThat(hits.commonBlocks()).isZero();
  }

  @Test
  void aFifthEndpointThatHeldABlockBeforeTheOthersDidMakesItCommonToo() {
    record(0, Prompts.conversation(1, 10));
    caches.forget(0);
    for (int slot = 1; slot <= 4; slot++) {
      record(slot, Prompts.conversation(1, 10));
    }
    assertThat(lookup(Prompts.conversation(1, 10)).holders()).isEqualTo(4);

    record(0, Prompts.conversation(1, 10));

    assertThat(lookup(Prompts.conversation(1, 10)).commonBlocks()).isEqualTo(10);
    assertThat(hits.holders()).isZero();
  }

  @Test
  void aSmallCacheForgetsWhatItCannotHold() {
    caches.capacity(1, 50);
    record(1, Prompts.conversation(1, 20));
    record(2, Prompts.conversation(1, 20));

    record(1, Prompts.conversation(2, 30));
    record(2, Prompts.conversation(2, 30));
    assertThat(lookup(Prompts.conversation(1, 20)).blocksOn(1)).isEqualTo(20);
    assertThat(hits.blocksOn(2)).isEqualTo(20);

    record(1, Prompts.conversation(3, 12));
    record(2, Prompts.conversation(3, 12));
    assertThat(lookup(Prompts.conversation(1, 20)).blocksOn(1)).isEqualTo(8);
    assertThat(hits.blocksOn(2)).isEqualTo(20);

    record(1, Prompts.conversation(4, 8));
    assertThat(lookup(Prompts.conversation(1, 20)).blocksOn(1)).isZero();
    assertThat(lookup(Prompts.conversation(4, 8)).blocksOn(1)).isEqualTo(8);
  }

  @Test
  void ofAPromptThatExceedsTheCacheOnlyTheBeginningIsHeld() {
    caches.capacity(1, 50);
    record(1, Prompts.conversation(1, 200));

    assertThat(lookup(Prompts.conversation(1, 200)).blocksOn(1)).isEqualTo(50);
  }

  @Test
  void aCacheOfNothingHoldsNothing() {
    caches.capacity(1, 0);
    record(1, Prompts.conversation(1, 10));
    record(1, Prompts.conversation(1, 10));

    assertThat(lookup(Prompts.conversation(1, 10)).isEmpty()).isTrue();
  }

  @Test
  void whatIsUsedAgainIsNotForgotten() {
    caches.capacity(1, 60);
    for (int round = 0; round < 20; round++) {
      record(1, Prompts.conversation(1, 20));
      record(1, Prompts.conversation(100 + round, 30));
    }

    assertThat(lookup(Prompts.conversation(1, 20)).blocksOn(1)).isEqualTo(20);
    assertThat(lookup(Prompts.conversation(117, 30)).isEmpty()).isTrue();
  }

  @Test
  void aForgottenEndpointHoldsNothingAndItsSlotIsReusable() {
    record(1, Prompts.conversation(1, 20));
    record(2, Prompts.conversation(1, 10));

    for (int restart = 0; restart < 100; restart++) {
      caches.forget(1);
      lookup(Prompts.conversation(1, 20));
      assertThat(hits.holders()).isEqualTo(1);
      assertThat(hits.slot(0)).isEqualTo(2);
      assertThat(hits.blocks(0)).isEqualTo(10);
    }
    record(1, Prompts.conversation(1, 15));
    lookup(Prompts.conversation(1, 20));
    assertThat(hits.slot(0)).isEqualTo(1);
    assertThat(hits.blocks(0)).isEqualTo(15);
  }

  @Test
  void raisingTheCapacityDoesNotBringBackWhatWasForgotten() {
    record(1, Prompts.conversation(1, 20));
    caches.forget(1);
    caches.capacity(1, EndpointCaches.UNBOUNDED);

    assertThat(lookup(Prompts.conversation(1, 20)).isEmpty()).isTrue();
  }

  @Test
  void aFullTableGivesUpTheOldest() {
    PrefixIndex small = new PrefixIndex(caches, 1024, 1);
    for (int id = 0; id < 1000; id++) {
      small.record(Prompts.conversation(id, 4), MODEL, id % 5);
    }

    int recent = 0;
    int old = 0;
    for (int id = 0; id < 100; id++) {
      small.lookup(Prompts.conversation(999 - id, 4), MODEL, hits);
      recent += hits.blocksOn((999 - id) % 5);
      small.lookup(Prompts.conversation(id, 4), MODEL, hits);
      old += hits.blocksOn(id % 5);
    }
    assertThat(recent).isGreaterThan(360);
    assertThat(old).isZero();
  }

  @Test
  void aFullTableGivesUpFirstWhatAForgottenEndpointHeld() {
    PrefixIndex small = new PrefixIndex(caches, 1024, 1);
    for (int id = 0; id < 100; id++) {
      small.record(Prompts.conversation(id, 4), MODEL, 1);
    }
    for (int id = 100; id < 200; id++) {
      small.record(Prompts.conversation(id, 4), MODEL, 2);
    }
    caches.forget(2);
    for (int id = 200; id < 300; id++) {
      small.record(Prompts.conversation(id, 4), MODEL, 3);
    }

    int kept = 0;
    for (int id = 0; id < 100; id++) {
      small.lookup(Prompts.conversation(id, 4), MODEL, hits);
      kept += hits.blocksOn(1);
    }
    assertThat(kept).isGreaterThan(350);
  }

  @Test
  void tenMillionKeysLeaveTheIndexAsLargeAsItWasAndTheRecentOnesKnown() {
    int blocks = 1000;
    int prompts = 10_000;
    for (int id = 0; id < prompts; id++) {
      record(id % 64, Prompts.conversation(id, blocks));
    }

    assertThat(index.entries()).isEqualTo(1 << 16);
    long held = 0;
    for (int id = 0; id < prompts; id++) {
      for (int level = 0; level < blocks; level += 250) {
        index.lookup(only(Prompts.key(0, id, level)), MODEL, hits);
        held += hits.blocksOn(id % 64);
      }
    }
    assertThat(held * 250)
        .isBetween((long) (index.entries() * 0.7), (long) (index.entries() * 1.3));
    long recent = 0;
    for (int id = prompts - 20; id < prompts; id++) {
      for (int level = 0; level < blocks; level++) {
        index.lookup(only(Prompts.key(0, id, level)), MODEL, hits);
        recent += hits.blocksOn(id % 64);
      }
    }
    assertThat(recent).isGreaterThan(17_000);
  }

  private static InferenceRequest only(long key) {
    return InferenceRequest.forModel("m").prefixKeys(key).build();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 64, 1000, PrefixIndex.MAX_BLOCKS + 10})
  void aLookupTakesNoMoreProbesThanPromised(int blocks) {
    int considered = Math.min(blocks, PrefixIndex.MAX_BLOCKS);
    int limit = (int) Math.ceil(2 * Math.log(considered) / Math.log(2) + 8 + 1e-9) + 1;
    PrefixIndex large = new PrefixIndex(caches, 1 << 19, 3);
    for (int slot = 0; slot < 6; slot++) {
      assertThat(large.search(Prompts.conversation(1, blocks), MODEL, hits))
          .isLessThanOrEqualTo(limit);
      large.record(Prompts.conversation(1, Math.max(1, blocks >> slot)), MODEL, slot);
    }
    assertThat(large.search(Prompts.conversation(1, blocks), MODEL, hits))
        .isLessThanOrEqualTo(limit);
    assertThat(hits.slot(0)).isZero();
    assertThat(hits.blocks(0)).isBetween(considered / 2, considered);
    assertThat(large.search(Prompts.conversation(2, blocks), MODEL, hits)).isLessThanOrEqualTo(2);
  }

  @Test
  void aLostBlockDoesNotHideWhatFollows() {
    long[] keys = new long[16];
    for (int level = 0; level < keys.length; level++) {
      keys[level] = Prompts.key(0, 1, level);
    }
    record(1, InferenceRequest.forModel("m").prefixKeys(keys).build());
    keys[8] = -3; // unknown, as if evicted; it is where the bisection begins after the first block

    lookup(InferenceRequest.forModel("m").prefixKeys(keys).build());

    assertThat(hits.blocksOn(1)).isEqualTo(16);
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new PrefixIndex(caches, 63, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("entries: 63 (expected: 64 to 16777216)");
    assertThatThrownBy(() -> new PrefixIndex(caches, (1 << 24) + 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> record(64, Prompts.conversation(1, 1)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> caches.forget(64)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> caches.capacity(0, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("blocks: -1 (expected: 0 or more)");
    assertThatThrownBy(() -> new EndpointCaches(0)).isInstanceOf(IllegalArgumentException.class);
    assertThat(new PrefixIndex(caches, 65, 1).entries()).isEqualTo(128);
    assertThat(new PrefixIndex(caches, 64, 1).entries()).isEqualTo(64);
  }
}
