package io.inferencerouter.benchmarks.simulation.measure;

import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * When requests of a run were sent where, and how long those took that came back. Requests count in
 * the order in which they are sent, from 0; one that is tried again counts again. For one thread.
 */
public final class RunTimeline implements Recorder {
  private static final int UNKNOWN = -1;

  private final Map<String, Integer> endpoints = new HashMap<>();
  private final Series sent = new Series();
  private final Series ended = new Series();

  /**
   * By how many had been sent, not by time: which endpoints have one less to answer from then on.
   */
  private final Series left = new Series();

  private final AnswerTimes answers = new AnswerTimes();

  /** Times, or other numbers that never go back, each with a number. */
  private static final class Series {
    long[] nanos = new long[1024];
    long[] values = new long[1024];
    int size;

    void add(long now, long value) {
      if (size == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * size);
        values = Arrays.copyOf(values, 2 * size);
      }
      nanos[size] = now;
      values[size++] = value;
    }

    /** The place of the first that is not before that time. */
    int place(long time) {
      int low = 0;
      int high = size;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (nanos[middle] < time) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }

  @Override
  public void sent(long nowNanos, String endpoint, SimulatedRequest request) {
    sent.add(nowNanos, number(endpoint));
  }

  private int number(String endpoint) {
    Integer known = endpoints.get(endpoint);
    if (known != null) {
      return known;
    }
    int number = endpoints.size();
    endpoints.put(endpoint, number);
    return number;
  }

  @Override
  public void attemptFailed(long nowNanos, String endpoint, SimulatedRequest request) {
    left.add(sent.size, number(endpoint));
  }

  @Override
  public void completed(
      long nowNanos,
      String endpoint,
      SimulatedRequest request,
      long arrivalNanos,
      long firstOutputNanos) {
    left.add(sent.size, number(endpoint));
    ended.add(nowNanos, nowNanos - arrivalNanos);
    answers.completed(arrivalNanos, firstOutputNanos, nowNanos);
  }

  @Override
  public void failed(long nowNanos, SimulatedRequest request, long arrivalNanos) {
    answers.failed(arrivalNanos);
  }

  /** How long requests took, by when they arrived. */
  public AnswerTimes answers() {
    return answers;
  }

  /** How many were sent. */
  public int requests() {
    return sent.size;
  }

  /** The number of the first request that is sent at that time or after it. */
  public int requestAt(long nanos) {
    return sent.place(nanos);
  }

  /** How many of the requests from one to before another were sent to an endpoint. */
  public int count(String endpoint, int from, int to) {
    int number = endpoints.getOrDefault(endpoint, UNKNOWN);
    int count = 0;
    for (int i = Math.max(0, from); i < Math.min(to, sent.size); i++) {
      count += sent.values[i] == number ? 1 : 0;
    }
    return count;
  }

  /** The share of the requests from one to before another that the busiest endpoint of them got. */
  public double largestShare(int from, int to) {
    int[] counts = new int[endpoints.size()];
    int all = 0;
    for (int i = Math.max(0, from); i < Math.min(to, sent.size); i++) {
      counts[(int) sent.values[i]]++;
      all++;
    }
    return all == 0 ? 0 : Arrays.stream(counts).max().orElse(0) / (double) all;
  }

  /**
   * How many requests, from one on, were sent elsewhere in a row while an endpoint was idle, at
   * most. An endpoint is idle when all that was sent to it, by whomever, is answered or has failed;
   * what is sent elsewhere while it is not counts for nothing.
   */
  public int longestIdle(String endpoint, int from) {
    int number = endpoints.getOrDefault(endpoint, UNKNOWN);
    int longest = 0;
    int without = 0;
    int unanswered = 0;
    int gone = 0;
    for (int i = 0; i < sent.size; i++) {
      for (; gone < left.size && left.nanos[gone] <= i; gone++) {
        unanswered -= left.values[gone] == number ? 1 : 0;
      }
      if (sent.values[i] == number) {
        unanswered++;
        without = 0;
      } else if (i >= from && unanswered == 0) {
        without++;
        longest = Math.max(longest, without);
      }
    }
    return longest;
  }

  /** When the last was sent. */
  public long lastSentNanos() {
    return sent.size == 0 ? 0 : sent.nanos[sent.size - 1];
  }

  /**
   * The P99 of the end-to-end times of those that came back in a time; not a number if none did.
   */
  public double e2eP99Millis(long fromNanos, long toNanos) {
    long[] times = Arrays.copyOfRange(ended.values, ended.place(fromNanos), ended.place(toNanos));
    if (times.length == 0) {
      return Double.NaN;
    }
    Arrays.sort(times);
    return times[(int) Math.ceil(0.99 * times.length) - 1] * 1e-6;
  }
}
