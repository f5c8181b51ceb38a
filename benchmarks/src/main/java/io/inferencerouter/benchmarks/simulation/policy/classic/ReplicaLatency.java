package io.inferencerouter.benchmarks.simulation.policy.classic;

import java.util.Arrays;

/**
 * What a server that takes part in {@link Prequal} knows of its own latency: that of its last
 * {@value #WINDOW} answers, each with the number of requests in flight that it found there. The
 * paper leaves the window and what counts as near to the implementation.
 */
final class ReplicaLatency {
  private static final int WINDOW = 64;

  /** A median is taken over at least so many, or all there are. */
  private static final int ENOUGH = 8;

  private final int[] inFlight = new int[WINDOW];
  private final long[] latencies = new long[WINDOW];
  private final long[] near = new long[WINDOW];
  private int count;
  private int next;

  /** Notes an answer. */
  void record(int requestsInFlight, long nanos) {
    inFlight[next] = requestsInFlight;
    latencies[next] = nanos;
    next = next + 1 == WINDOW ? 0 : next + 1;
    count = Math.min(WINDOW, count + 1);
  }

  /** The median latency at or near that number of requests in flight; 0 if nothing is known. */
  long estimate(int requestsInFlight) {
    if (count == 0) {
      return 0;
    }
    int found = collect(requestsInFlight, 0);
    for (long distance = 1; found < Math.min(ENOUGH, count); distance *= 2) {
      found = collect(requestsInFlight, distance);
    }
    Arrays.sort(near, 0, found);
    return near[found / 2];
  }

  private int collect(int requestsInFlight, long distance) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      if (Math.abs((long) inFlight[i] - requestsInFlight) <= distance) {
        near[found++] = latencies[i];
      }
    }
    return found;
  }
}
