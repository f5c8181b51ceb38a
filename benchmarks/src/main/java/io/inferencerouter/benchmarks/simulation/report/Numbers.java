package io.inferencerouter.benchmarks.simulation.report;

import java.util.Locale;

/** Numbers for people. */
final class Numbers {
  /** Where there is nothing to show. */
  static final String NONE = "–";

  /** A time that never comes, and what is infinitely worse than another. */
  static final String INFINITE = "∞";

  private Numbers() {}

  /** A time. */
  static String millis(double millis) {
    return figure(millis);
  }

  /** A number above 0, with three digits or more. */
  static String figure(double number) {
    if (!(number > 0)) {
      return NONE;
    }
    return number == Double.POSITIVE_INFINITY
        ? INFINITE
        : String.format(Locale.ROOT, number < 10 ? "%.2f" : number < 100 ? "%.1f" : "%.0f", number);
  }

  static String percent(double share) {
    return Double.isFinite(share) ? String.format(Locale.ROOT, "%.1f %%", 100 * share) : NONE;
  }

  static String ratio(double ratio) {
    return ratio == Double.POSITIVE_INFINITY
        ? INFINITE
        : Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.2f", ratio) : NONE;
  }

  static String count(double count) {
    return Double.isFinite(count) ? String.format(Locale.ROOT, "%,.0f", count) : NONE;
  }
}
