package io.inferencerouter.benchmarks.soak;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/** What this process holds at a moment. */
record Resources(long heapBytes, long threads, long fileDescriptors) {
  private static final long HEAP_SLACK = 16 << 20;
  private static final long THREAD_SLACK = 24;
  private static final long DESCRIPTOR_SLACK = 64;
  private static final double GROWTH = 1.2;

  /** Looks, after a collection of garbage. */
  static Resources now() {
    System.gc();
    return new Resources(
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        ManagementFactory.getThreadMXBean().getThreadCount(),
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getOpenFileDescriptorCount()
            : 0);
  }

  /**
   * What has grown from the second quarter of a run to the last, by more than a fifth and by more
   * than comes and goes; in words, empty if nothing has.
   */
  static List<String> growth(List<Resources> samples) {
    List<String> grown = new ArrayList<>();
    int quarter = samples.size() / 4;
    List<Resources> early = samples.subList(quarter, 2 * quarter);
    List<Resources> late = samples.subList(samples.size() - quarter, samples.size());
    check(grown, "heap, bytes", early, late, Resources::heapBytes, HEAP_SLACK);
    check(grown, "threads", early, late, Resources::threads, THREAD_SLACK);
    check(grown, "file descriptors", early, late, Resources::fileDescriptors, DESCRIPTOR_SLACK);
    return grown;
  }

  private static void check(
      List<String> grown,
      String what,
      List<Resources> early,
      List<Resources> late,
      ToLongFunction<Resources> of,
      long slack) {
    long before = median(early, of);
    long after = median(late, of);
    if (after > before * GROWTH + slack) {
      grown.add(what + ": " + before + " early, " + after + " late (expected: flat)");
    }
  }

  private static long median(List<Resources> samples, ToLongFunction<Resources> of) {
    long[] sorted = samples.stream().mapToLong(of).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Whether it holds hardly more than before. */
  boolean isBackTo(Resources before) {
    return threads <= before.threads + THREAD_SLACK / 2
        && fileDescriptors <= before.fileDescriptors + DESCRIPTOR_SLACK / 2;
  }

  @Override
  public String toString() {
    return String.format(
        "heap %.1f MB, %d threads, %d file descriptors", heapBytes / 1e6, threads, fileDescriptors);
  }
}
