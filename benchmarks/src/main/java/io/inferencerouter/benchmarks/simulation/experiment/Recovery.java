package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.fleet.Incident;
import io.inferencerouter.benchmarks.simulation.measure.AnswerTimes;
import io.inferencerouter.benchmarks.simulation.measure.RunTimeline;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * How a policy gets over what happens to one endpoint: its runs beside those of the same requests
 * in which nothing happens. Times are P99 of the requests that arrive in {@value #WINDOW_SECONDS}
 * seconds, medians over runs; one that comes to nothing takes forever. Shares are of all requests
 * that are sent, all runs together, relative to the share without the fault; that of an endpoint
 * that joins, to the share of its twin in the same time.
 *
 * <p>A run goes another way for ever after the least difference, so what is seen after a fault is
 * in part mere chance. How much that can be is told by control runs, in which next to nothing
 * happens; what counts as back does not depend on it.
 *
 * @param firstOutput times to the first output
 * @param wholeAnswer times to the whole answer
 * @param firstShare of the endpoint in the first {@value #FIRST_SECONDS} seconds
 * @param mostAfter the largest in any window from the end of the fault on; not a number if none is
 * @param leastAfter the smallest in any window from {@value #PATIENCE_SECONDS} seconds after the
 *     end on; not a number if none is
 */
public record Recovery(
    Course firstOutput,
    Course wholeAnswer,
    double firstShare,
    double mostAfter,
    double leastAfter) {
  /** So many seconds of arrivals make one P99, and one share. */
  public static final int WINDOW_SECONDS = 30;

  /** From window to window. */
  public static final int STEP_SECONDS = 5;

  /** A P99 up to so many times the healthy one is back. */
  public static final double BACK = 1.1;

  /** Within so many seconds a policy cannot know much. */
  public static final int FIRST_SECONDS = 10;

  /** So many seconds tell whether something lasts, or has had time enough. */
  public static final int PATIENCE_SECONDS = 60;

  private static final long SECOND = 1_000_000_000;
  private static final long WINDOW = WINDOW_SECONDS * SECOND;

  /**
   * A P99 over time.
   *
   * @param healthyMillis that of all requests from the beginning of the fault on, without it
   * @param worstMillis the largest of any window; infinite if more than a hundredth came to nothing
   * @param chance in the worst window of the control runs, their P99 to the healthy one, in the
   *     median over runs
   * @param backSeconds from the beginning of the fault to the first window from which on the P99 is
   *     at most {@value #BACK} times that of the same requests without the fault, in the median
   *     over runs: in this window and in all of the next {@value #PATIENCE_SECONDS} seconds, and
   *     that of all requests from then on; empty if it is not before the end
   */
  public record Course(
      double healthyMillis, double worstMillis, double chance, OptionalDouble backSeconds) {}

  private interface P99 {
    double of(AnswerTimes answers, long from, long to);
  }

  /**
   * The recovery in runs that differ by their seeds, in the same order in all lists.
   *
   * @param same runs in which next to nothing happened, at the same time
   */
  public static Recovery of(
      List<RunTimeline> hit, List<RunTimeline> healthy, List<RunTimeline> same, Incident what) {
    Runs runs = new Runs(hit, healthy, what, last(hit, healthy));
    Runs control = new Runs(same, healthy, what, last(same, healthy));
    long begin = what.beginNanos();
    return new Recovery(
        runs.course(AnswerTimes::ttftP99Millis, control),
        runs.course(AnswerTimes::e2eP99Millis, control),
        runs.share(begin, begin + FIRST_SECONDS * SECOND),
        runs.shares(what.endNanos()).max().orElse(Double.NaN),
        runs.shares(what.endNanos() + PATIENCE_SECONDS * SECOND).min().orElse(Double.NaN));
  }

  private static long last(List<RunTimeline> hit, List<RunTimeline> healthy) {
    return LongStream.concat(
            hit.stream().mapToLong(RunTimeline::lastSentNanos),
            healthy.stream().mapToLong(RunTimeline::lastSentNanos))
        .min()
        .orElse(0);
  }

  private record Runs(List<RunTimeline> hit, List<RunTimeline> healthy, Incident what, long last) {
    /** Beginnings of windows. */
    LongStream windows(long from) {
      return from < 0 || from > last
          ? LongStream.empty()
          : LongStream.iterate(from, at -> at + WINDOW <= last, at -> at + STEP_SECONDS * SECOND);
    }

    double worst(P99 p99) {
      return windows(what.beginNanos())
          .mapToDouble(at -> slower(p99, at, at + WINDOW))
          .filter(Double::isFinite)
          .reduce(1, Math::max);
    }

    Course course(P99 p99, Runs control) {
      long begin = what.beginNanos();
      double worst =
          windows(Math.max(0, begin - WINDOW))
              .mapToDouble(at -> median(hit, p99, at, at + WINDOW))
              .max()
              .orElse(Double.NaN);
      LongStream back =
          windows(begin)
              .filter(at -> slower(p99, at, last) <= BACK)
              .filter(
                  at ->
                      windows(at)
                          .takeWhile(next -> next <= at + PATIENCE_SECONDS * SECOND)
                          .allMatch(next -> slower(p99, next, next + WINDOW) <= BACK))
              .limit(1);
      return new Course(
          median(healthy, p99, begin, last),
          worst,
          control.worst(p99),
          back.mapToDouble(at -> (at - begin) / (double) SECOND).findFirst());
    }

    private double median(List<RunTimeline> runs, P99 p99, long from, long to) {
      return Medians.of(runs.stream().map(run -> p99.of(run.answers(), from, to)).toList());
    }

    private double slower(P99 p99, long from, long to) {
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < hit.size(); i++) {
        ratios.add(
            p99.of(hit.get(i).answers(), from, to) / p99.of(healthy.get(i).answers(), from, to));
      }
      return Medians.of(ratios);
    }

    DoubleStream shares(long from) {
      return windows(from).mapToDouble(at -> share(at, at + WINDOW));
    }

    double share(long from, long to) {
      double expected =
          what.twin()
              .map(twin -> share(hit, twin, from, to))
              .orElseGet(() -> share(healthy, what.endpoint(), from, to));
      return share(hit, what.endpoint(), from, to) / expected;
    }

    private static double share(List<RunTimeline> runs, String endpoint, long from, long to) {
      double hits = 0;
      double all = 0;
      for (RunTimeline run : runs) {
        int first = run.requestAt(from);
        int end = run.requestAt(to);
        hits += run.count(endpoint, first, end);
        all += end - first;
      }
      return hits / all;
    }
  }
}
