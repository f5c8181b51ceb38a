package io.inferencerouter.core.internal.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SessionIndexTest {
  private final EndpointCaches caches = new EndpointCaches(32);
  private final SessionIndex index = new SessionIndex(caches, 1 << 10, 100, 9);

  private static long key(String session) {
    return AffinityKeys.of(session, 1);
  }

  private void assertOn(String session, int slot, int units) {
    long found = index.lookup(key(session));
    assertThat(found).isNotEqualTo(SessionIndex.NONE);
    assertThat(SessionIndex.slot(found)).isEqualTo(slot);
    assertThat(SessionIndex.units(found)).isEqualTo(units);
  }

  @Test
  void aSessionIsFoundWhereItsLastTurnWas() {
    assertThat(index.lookup(key("a"))).isEqualTo(SessionIndex.NONE);
    index.record(key("a"), 0, 250);
    assertOn("a", 0, 250);
    index.record(key("a"), 31, 400);
    assertOn("a", 31, 400);
    assertThat(index.lookup(key("b"))).isEqualTo(SessionIndex.NONE);
  }

  @Test
  void aTurnThatLeftNothingIsNotNoted() {
    index.record(key("a"), 3, 0);

    assertThat(index.lookup(key("a"))).isEqualTo(SessionIndex.NONE);
  }

  @Test
  void aVeryLongSessionCountsAsTheLongestThatFits() {
    index.record(key("a"), 3, Integer.MAX_VALUE);

    assertOn("a", 3, SessionIndex.MAX_UNITS);
  }

  @Test
  void aForgottenEndpointHasNoSessions() {
    index.record(key("a"), 3, 250);
    index.record(key("b"), 4, 250);
    caches.forget(3);

    assertThat(index.lookup(key("a"))).isEqualTo(SessionIndex.NONE);
    assertOn("b", 4, 250);
    index.record(key("a"), 3, 10);
    assertOn("a", 3, 10);
  }

  @Test
  void otherSessionsPushASessionOutOfASmallCache() {
    caches.capacity(3, 40);
    index.record(key("a"), 3, 1600);
    assertOn("a", 3, 1600);

    index.record(key("b"), 3, 2800);
    long left = index.lookup(key("a"));
    assertThat(SessionIndex.units(left)).isEqualTo(1200);

    index.record(key("c"), 3, 1200);
    assertThat(index.lookup(key("a"))).isEqualTo(SessionIndex.NONE);
  }

  @Test
  void aSessionThatGrowsPushesOnlyByItsGrowth() {
    caches.capacity(3, 40);
    index.record(key("a"), 3, 800);
    for (int turn = 1; turn <= 16; turn++) {
      index.record(key("b"), 3, turn * 100);
    }

    assertOn("a", 3, 800);
  }

  @Test
  void prefixesAndSessionsShareTheMemoryOfAnEndpoint() {
    PrefixIndex prefixes = new PrefixIndex(caches, 1024, 1);
    caches.capacity(3, 40);
    index.record(key("a"), 3, 800);
    prefixes.record(Prompts.conversation(1, 48), 0, 3);

    assertThat(index.lookup(key("a"))).isEqualTo(SessionIndex.NONE);
  }

  @Test
  void tenMillionSessionsLeaveTheIndexAsLargeAsItWasAndTheRecentOnesKnown() {
    int sessions = 10_000_000;
    for (int session = 0; session < sessions; session++) {
      index.record(session, session % 32, 100);
    }

    assertThat(index.entries()).isEqualTo(1 << 10);
    int recent = 0;
    for (int session = sessions - 300; session < sessions; session++) {
      long found = index.lookup(session);
      if (found != SessionIndex.NONE) {
        assertThat(SessionIndex.slot(found)).isEqualTo(session % 32);
        recent++;
      }
    }
    assertThat(recent).isGreaterThan(270);
  }

  @Property
  void aSessionIsNeverFoundElsewhereOrLonger(
      @ForAll @Size(max = 300) List<@IntRange(max = 1 << 20) Integer> turns) {
    SessionIndex small = new SessionIndex(caches, 32, 100, 1);
    Map<Long, Integer> slots = new HashMap<>();
    Map<Long, Integer> lengths = new HashMap<>();
    for (int turn : turns) {
      long session = turn % 60;
      int slot = turn / 60 % 8;
      int units = 1 + turn / 480;
      small.record(session, slot, units);
      slots.put(session, slot);
      lengths.put(session, units);

      long last = small.lookup(session);
      assertThat(SessionIndex.slot(last)).isEqualTo(slot);
      assertThat(SessionIndex.units(last)).isEqualTo(units);
      for (long other = 0; other < 60; other++) {
        long found = small.lookup(other);
        if (found != SessionIndex.NONE) {
          assertThat(SessionIndex.slot(found)).isEqualTo(slots.get(other));
          assertThat(SessionIndex.units(found)).isEqualTo(lengths.get(other));
        }
      }
    }
  }

  @Test
  void racingThreadsLoseEntriesButConfuseNone() throws Exception {
    SessionIndex small = new SessionIndex(caches, 32, 100, 1);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      // Every session has a slot and a length of its own, which tell whether halves were mixed.
      Future<?> writer =
          threads.submit(
              () -> {
                for (int round = 0; round < 200_000; round++) {
                  int session = round % 200;
                  small.record(session, session % 32, session + 1);
                }
              });
      Future<?> other =
          threads.submit(
              () -> {
                for (int round = 0; round < 200_000; round++) {
                  int session = (round * 7) % 200;
                  small.record(session, session % 32, session + 1);
                  long found = small.lookup(199 - session);
                  if (found != SessionIndex.NONE) {
                    assertThat(SessionIndex.slot(found)).isEqualTo((199 - session) % 32);
                    assertThat(SessionIndex.units(found)).isEqualTo(200 - session);
                  }
                }
              });
      writer.get();
      other.get();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new SessionIndex(caches, 31, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("entries: 31 (expected: 32 to 8388608)");
    assertThatThrownBy(() -> new SessionIndex(caches, 32, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unitsPerBlock: 0 (expected: 1 or more)");
    assertThatThrownBy(() -> index.record(1, 32, 5)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
