package io.inferencerouter.examples.demo.report;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One sentence that says what the numbers mean. */
public final class Conclusion {
  /** Ratios closer to one than this are noise, and called equal. */
  private static final double NOISE = 1.1;

  private Conclusion() {}

  /**
   * Compares the last policy with the others by their P99.
   *
   * @param headline of what
   * @param results at least one
   */
  public static String of(Headline headline, List<PolicyResult> results) {
    int answered = 0;
    int sent = 0;
    for (PolicyResult result : results) {
      answered += result.requests() - result.errors() - result.lost();
      sent += result.requests();
    }
    PolicyResult subject = results.get(results.size() - 1);
    double p99 = p99(headline, subject);
    List<String> comparisons = new ArrayList<>();
    for (PolicyResult other : results.subList(0, results.size() - 1)) {
      comparisons.add(compare(p99(headline, other), p99) + " " + other.policy());
    }
    String comparison = comparisons.isEmpty() ? "" : ", " + String.join(" and ", comparisons);
    return String.format(
        Locale.ROOT,
        "Conclusion: with %s, 99 %% of the requests %s within %.2f s%s;"
            + " its endpoints' busy shares vary by a coefficient of %.2f, and %d of all %d requests"
            + " were answered rightly.",
        subject.policy(),
        headline.happened(),
        p99,
        comparison,
        subject.utilisation().variation(),
        answered,
        sent);
  }

  private static String compare(double other, double subject) {
    if (subject <= 0 || other <= 0) {
      return "not comparable with";
    }
    double ratio = other / subject;
    if (ratio >= NOISE) {
      return String.format(Locale.ROOT, "%.1f times sooner than with", ratio);
    }
    if (ratio <= 1 / NOISE) {
      return String.format(Locale.ROOT, "%.1f times later than with", 1 / ratio);
    }
    return "about the same as with";
  }

  private static double p99(Headline headline, PolicyResult result) {
    return headline.of(result).percentile(99, SECONDS);
  }
}
