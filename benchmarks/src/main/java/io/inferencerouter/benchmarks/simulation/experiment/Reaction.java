package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.fleet.Disturbance;
import io.inferencerouter.benchmarks.simulation.measure.RunTimeline;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How a policy reacts to an endpoint that does less than it can for a time. Shares are of all
 * requests, relative to the endpoint's share before; several runs are taken together.
 *
 * @param fallsWithin the requests of a run after the beginning, of which the last, as many as were
 *     to bring it {@value #HITS_TO_FALL}, bring it less than {@value #FALLEN} of that; empty if
 *     that does not come before the end
 * @param during its share from the first of those last ones until the end
 * @param returnsAfterSeconds the time after the end, until its share is {@value #RETURNED_FROM} to
 *     {@value #RETURNED_TO} over a time that was to bring it {@value #HITS_TO_RETURN}; empty if
 *     that does not come before the last arrival
 * @param afterwards its share from then on; not a number if it does not return
 */
public record Reaction(
    OptionalInt fallsWithin, double during, OptionalDouble returnsAfterSeconds, double afterwards) {
  /** A share below this, relative to that before, has fallen. */
  public static final double FALLEN = 0.67;

  /** A share from this on, relative to that before, is back. */
  public static final double RETURNED_FROM = 0.9;

  /** A share up to this is back. */
  public static final double RETURNED_TO = 1.1;

  /** So many expected requests of the endpoint tell whether its share has fallen. */
  public static final int HITS_TO_FALL = 60;

  /** So many tell whether it is back. */
  public static final int HITS_TO_RETURN = 300;

  /** Nothing can be said of an endpoint that got less before. */
  private static final double MIN_HITS_BEFORE = 50;

  private static final double STEPS_OF_A_WINDOW = 10;
  private static final double NANOS = 1e9;

  /**
   * The reaction in runs that differ by their seeds; empty if the endpoint got too little before.
   *
   * @param settledNanos from when on its share before counts
   */
  public static Optional<Reaction> of(List<RunTimeline> runs, Disturbance what, long settledNanos) {
    Runs all = new Runs(runs, what.endpoint());
    long begin = what.beginNanos();
    long last = runs.stream().mapToLong(RunTimeline::lastSentNanos).min().orElse(0);
    double before = all.share(settledNanos, begin);
    if (begin >= last || all.hits(settledNanos, begin) < MIN_HITS_BEFORE) {
      return Optional.empty();
    }
    long end = Math.min(last, what.endNanos());
    int window = all.requestsFor(HITS_TO_FALL, before);
    OptionalInt falls = all.fall(begin, end, before, window);
    int skipped = falls.isEmpty() ? 0 : falls.getAsInt() - window;
    double during = all.shareAfter(begin, skipped, end) / before;
    OptionalDouble returns = all.comeBack(end, last, before);
    double afterwards =
        returns.isEmpty()
            ? Double.NaN
            : all.share(end + Math.round(returns.getAsDouble() * NANOS), last) / before;
    return Optional.of(new Reaction(falls, during, returns, afterwards));
  }

  /** What the runs say of one endpoint together. */
  private record Runs(List<RunTimeline> runs, String endpoint) {
    int hits(long from, long to) {
      return runs.stream()
          .mapToInt(run -> run.count(endpoint, run.requestAt(from), run.requestAt(to)))
          .sum();
    }

    double share(long from, long to) {
      return shareAfter(from, 0, to);
    }

    /** Its share from so many requests after a time on. */
    double shareAfter(long from, int skipped, long to) {
      int hits = 0;
      int requests = 0;
      for (RunTimeline run : runs) {
        int first = run.requestAt(from) + skipped;
        int end = Math.max(first, run.requestAt(to));
        hits += run.count(endpoint, first, end);
        requests += end - first;
      }
      return requests == 0 ? Double.NaN : hits / (double) requests;
    }

    /** How many requests of each run bring it so many, as long as it has that share. */
    int requestsFor(int hits, double share) {
      return (int) Math.ceil(hits / share / runs.size());
    }

    OptionalInt fall(long begin, long end, double before, int window) {
      int most =
          runs.stream().mapToInt(run -> run.requestAt(end) - run.requestAt(begin)).min().orElse(0);
      for (int after = 0; after + window <= most; after++) {
        int hits = 0;
        for (RunTimeline run : runs) {
          int first = run.requestAt(begin) + after;
          hits += run.count(endpoint, first, first + window);
        }
        if (hits < FALLEN * before * window * runs.size()) {
          return OptionalInt.of(after + window);
        }
      }
      return OptionalInt.empty();
    }

    OptionalDouble comeBack(long end, long last, double before) {
      double rate = runs.stream().mapToInt(RunTimeline::requests).sum() / (double) last;
      long window = Math.round(HITS_TO_RETURN / (rate * before));
      long step = Math.max(1, Math.round(window / STEPS_OF_A_WINDOW));
      for (long from = end; from + window <= last; from += step) {
        double share = share(from, from + window) / before;
        if (share >= RETURNED_FROM && share <= RETURNED_TO) {
          return OptionalDouble.of((from - end) / NANOS);
        }
      }
      return OptionalDouble.empty();
    }
  }
}
