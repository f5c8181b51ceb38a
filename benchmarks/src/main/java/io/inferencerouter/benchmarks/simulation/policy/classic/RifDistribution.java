package io.inferencerouter.benchmarks.simulation.policy.classic;

import java.util.Arrays;

/** Requests in flight as the last {@value #WINDOW} probes found them, over all servers. */
final class RifDistribution {
  private static final int WINDOW = 128;

  private final int[] recent = new int[WINDOW];
  private final int[] sorted = new int[WINDOW];
  private int count;
  private int next;

  void add(int requestsInFlight) {
    if (count == WINDOW) {
      int oldest = Arrays.binarySearch(sorted, 0, count, recent[next]);
      System.arraycopy(sorted, oldest + 1, sorted, oldest, count - oldest - 1);
      count--;
    }
    int place = Arrays.binarySearch(sorted, 0, count, requestsInFlight);
    place = place < 0 ? -place - 1 : place;
    System.arraycopy(sorted, place, sorted, place + 1, count - place);
    sorted[place] = requestsInFlight;
    recent[next] = requestsInFlight;
    next = next + 1 == WINDOW ? 0 : next + 1;
    count++;
  }

  /** The value that the given share does not exceed; the largest int while nothing is known. */
  int quantile(double share) {
    if (count == 0) {
      return Integer.MAX_VALUE;
    }
    int rank = (int) Math.ceil(share * count) - 1;
    return sorted[Math.min(count - 1, Math.max(0, rank))];
  }
}
