package io.inferencerouter.benchmarks.simulation.measure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How long the requests of a run took, by when they arrived. One that came to nothing took forever.
 * For one thread.
 */
public final class AnswerTimes {
  private static final double P99 = 0.99;

  private final List<Answer> answers = new ArrayList<>();
  private boolean isSorted = true;

  private record Answer(long arrivalNanos, double firstMillis, double wholeMillis) {}

  void completed(long arrivalNanos, long firstOutputNanos, long nowNanos) {
    add(
        new Answer(
            arrivalNanos,
            (firstOutputNanos - arrivalNanos) * 1e-6,
            (nowNanos - arrivalNanos) * 1e-6));
  }

  void failed(long arrivalNanos) {
    add(new Answer(arrivalNanos, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY));
  }

  private void add(Answer answer) {
    answers.add(answer);
    isSorted = false;
  }

  /** The P99 of the times to the first output of those that arrive in a time, or not a number. */
  public double ttftP99Millis(long fromNanos, long toNanos) {
    return p99(fromNanos, toNanos, Answer::firstMillis);
  }

  /** The P99 of the times to the whole answer of those that arrive in a time, or not a number. */
  public double e2eP99Millis(long fromNanos, long toNanos) {
    return p99(fromNanos, toNanos, Answer::wholeMillis);
  }

  private double p99(long fromNanos, long toNanos, ToDoubleFunction<Answer> time) {
    double[] times =
        answers.subList(place(fromNanos), place(toNanos)).stream()
            .mapToDouble(time)
            .sorted()
            .toArray();
    return times.length == 0 ? Double.NaN : times[(int) Math.ceil(P99 * times.length) - 1];
  }

  /** The place of the first that does not arrive before that time. */
  private int place(long nanos) {
    if (!isSorted) {
      answers.sort(Comparator.comparingLong(Answer::arrivalNanos));
      isSorted = true;
    }
    int low = 0;
    int high = answers.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (answers.get(middle).arrivalNanos() < nanos) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
