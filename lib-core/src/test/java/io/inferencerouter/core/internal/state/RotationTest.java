package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationTest {
  @Property
  void everyIndexComesOnceInEachRound(
      @ForAll long firstTurn, @ForAll @IntRange(min = 1, max = 50) int size) {
    // The one turn at which an unsigned counter begins again may cut a round short.
    Rotation rotation = new Rotation(firstTurn >>> 2);
    int first = rotation.peek(size);
    for (int turn = 0; turn < 3 * size; turn++) {
      assertThat(rotation.next(size)).isEqualTo((first + turn) % size);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {Integer.MAX_VALUE - 2L, Long.MAX_VALUE - 2, -3, 0xFFFF_FFFEL})
  void theIndexStaysInRangeWhenACounterOverflows(long firstTurn) {
    Rotation rotation = new Rotation(firstTurn);
    for (int turn = 0; turn < 10; turn++) {
      assertThat(rotation.next(3)).isBetween(0, 2);
    }
  }
}
