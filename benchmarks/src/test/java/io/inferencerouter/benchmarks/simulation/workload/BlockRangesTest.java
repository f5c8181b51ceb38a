package io.inferencerouter.benchmarks.simulation.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BlockRangesTest {
  @Test
  void idsAndRangesAreReadInTheirOrder() {
    assertThat(BlockRanges.parse("0 14-16  3").toArray()).containsExactly(0, 14, 15, 16, 3);
    assertThat(BlockRanges.parse("")).isEqualTo(Blocks.NONE);
  }

  @Property(tries = 200)
  void whatIsWrittenIsRead(
      @ForAll @Size(max = 20) List<@LongRange(min = 0, max = 1L << 60) Long> starts,
      @ForAll @LongRange(min = 0, max = 40) long width) {
    String text =
        starts.stream()
            .map(start -> start + "-" + (start + width))
            .collect(Collectors.joining(" "));
    long[] ids = starts.stream().flatMapToLong(s -> LongStream.rangeClosed(s, s + width)).toArray();
    assertThat(BlockRanges.parse(text).toArray()).isEqualTo(ids);
  }
}
