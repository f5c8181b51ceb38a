package io.inferencerouter.benchmarks.report;

import io.inferencerouter.benchmarks.jmh.Clock;
import io.inferencerouter.benchmarks.jmh.Policy;
import io.inferencerouter.benchmarks.report.Results.Case;
import java.util.Locale;

/** What acquire and complete with the default selector may cost, at the worst of all sizes. */
enum Target {
  /** Time as a multiple of the floor. */
  FLOOR("acquire+complete, as a multiple of the floor", 3),
  /** Time with the first token reported, which takes one more reading of the clock. */
  FIRST_TOKEN(
      "acquire+first token+complete, as a multiple of the floor and one more clock reading", 3),
  /** Time with a coarse ticker. */
  COARSE("acquire+complete with a coarse ticker, ns", 150),
  /** Allocation, without the fraction that what is measured around it adds. */
  ALLOCATION("allocated for each operation, bytes", 96),
  /** What a second thread does to the time of each operation. */
  CONTENTION("acquire+complete by two threads, as a multiple of one thread's time", 3),
  /** One operation in a thousand takes longer, the measurement itself included. */
  TAIL("P99.9 of single acquire+complete, ns", 5_000);

  private final String title;
  private final double limit;

  Target(String title, double limit) {
    this.title = title;
    this.limit = limit;
  }

  /** The worst value over all sizes; not a number if it was not measured. */
  double measured(Results results) {
    return results.sizes().stream()
        .mapToDouble(size -> measured(results, size))
        .reduce(Math::max)
        .orElse(Double.NaN);
  }

  private double measured(Results results, int size) {
    Case one = Case.ofDefault(Clock.SYSTEM, size, 1);
    return switch (this) {
      case FLOOR -> results.ratio(one);
      case FIRST_TOKEN ->
          results.nanos(
                  new Case(
                      Results.ACQUIRE_FIRST_TOKEN_COMPLETE,
                      Policy.PREDICTED_TIME,
                      Clock.SYSTEM,
                      size,
                      1))
              / (results.floor(size, 1) + results.clockReading());
      case COARSE -> results.nanos(Case.ofDefault(Clock.COARSE, size, 1));
      case ALLOCATION -> Math.floor(results.bytes(size));
      case CONTENTION -> results.nanos(Case.ofDefault(Clock.SYSTEM, size, 2)) / results.nanos(one);
      case TAIL -> results.tail(size).p999();
    };
  }

  /** Whether a value is too large, with a factor of allowance where the machine adds noise. */
  boolean isMissed(double measured, double margin) {
    return measured > limit * (this == ALLOCATION ? 1 : margin);
  }

  String title() {
    return title;
  }

  double limit() {
    return limit;
  }

  String sentence(double measured) {
    return String.format(
        Locale.ROOT,
        "%s: %.4g (target: at most %.4g)%s",
        title,
        measured,
        limit,
        isMissed(measured, 1) ? " MISSED" : "");
  }
}
