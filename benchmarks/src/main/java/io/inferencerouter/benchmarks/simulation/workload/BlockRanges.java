package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Arrays;

/** Ids of blocks as traces write them: space-separated ids and ranges, {@code 0-13 28}. */
final class BlockRanges {
  /** As many blocks as an input may have. */
  static final int MOST = 1 << 16;

  private BlockRanges() {}

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException when it is anything else
   */
  static Blocks parse(String text) {
    long[] ids = new long[16];
    int count = 0;
    int at = 0;
    int length = text.length();
    while (true) {
      while (at < length && text.charAt(at) == ' ') {
        at++;
      }
      if (at == length) {
        return Blocks.of(Arrays.copyOf(ids, count));
      }
      int end = endOfNumber(text, at);
      long first = number(text, at, end);
      long last = first;
      if (end < length && text.charAt(end) == '-') {
        at = end + 1;
        end = endOfNumber(text, at);
        last = number(text, at, end);
      }
      if (last < first || last - first >= MOST - count) {
        throw new IllegalArgumentException("range: " + first + "-" + last);
      }
      for (long id = first; id <= last; id++) {
        if (count == ids.length) {
          ids = Arrays.copyOf(ids, 2 * count);
        }
        ids[count++] = id;
      }
      if (end < length && text.charAt(end) != ' ') {
        throw new IllegalArgumentException("blocks: " + text.charAt(end) + " (expected: a space)");
      }
      at = end;
    }
  }

  private static int endOfNumber(String text, int start) {
    int end = start;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  private static long number(String text, int start, int end) {
    return Long.parseLong(text, start, end, 10);
  }
}
