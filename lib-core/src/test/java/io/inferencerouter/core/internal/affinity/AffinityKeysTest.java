package io.inferencerouter.core.internal.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class AffinityKeysTest {
  @Test
  void similarTextsHaveDifferentKeys() {
    Set<Long> keys = new HashSet<>();
    for (int i = 0; i < 300_000; i++) {
      keys.add(AffinityKeys.of("session-" + i, 3));
    }
    for (int length = 0; length < 100; length++) {
      keys.add(AffinityKeys.of("\0".repeat(length), 3));
    }
    assertThat(keys).hasSize(300_100);
  }

  @Test
  void eachSaltHasKeysOfItsOwn() {
    Set<Long> keys = new HashSet<>();
    for (long salt = -500; salt < 500; salt++) {
      keys.add(AffinityKeys.of("a session", salt));
      keys.add(AffinityKeys.of("", salt));
      keys.add(AffinityKeys.mix(17, salt));
    }
    assertThat(keys).hasSize(3000);
  }

  @Property
  void aKeyDependsOnEveryCharacter(
      @ForAll @StringLength(min = 1, max = 60) String text, @ForAll @IntRange(max = 59) int at) {
    int place = at % text.length();
    StringBuilder changed = new StringBuilder(text);
    changed.setCharAt(place, (char) (text.charAt(place) ^ 1));

    assertThat(AffinityKeys.of(changed, 0)).isNotEqualTo(AffinityKeys.of(text, 0));
    changed.setCharAt(place, text.charAt(place));
    assertThat(AffinityKeys.of(changed, 0)).isEqualTo(AffinityKeys.of(text, 0));
  }

  @Test
  void eachBitOfAKeyChangesAboutHalfOfTheBits() {
    for (int bit = 0; bit < 64; bit++) {
      int changed = 0;
      for (long key = 0; key < 1000; key++) {
        changed += Long.bitCount(AffinityKeys.mix(key, 5) ^ AffinityKeys.mix(key ^ (1L << bit), 5));
      }
      assertThat(changed / 64_000.0).isBetween(0.45, 0.55);
    }
  }
}
