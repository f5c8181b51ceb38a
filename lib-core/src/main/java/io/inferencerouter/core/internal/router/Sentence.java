package io.inferencerouter.core.internal.router;

import io.inferencerouter.Explanation.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts an explanation into one sentence: who gets the request, what that costs and mostly for what,
 * and by what the next best is behind.
 */
final class Sentence {
  /** From here on, what is cached is worth mentioning. */
  private static final double NOTABLE_SHARE = 0.005;

  private final List<Verdict> verdicts;
  private final String unit;

  /**
   * Prepares a sentence.
   *
   * @param unit the unit of the scores; empty if they have none
   */
  Sentence(List<Verdict> verdicts, String unit) {
    this.verdicts = verdicts;
    this.unit = unit;
  }

  /**
   * The sentence.
   *
   * @param what the request and its model
   * @param cachedShare how much of the input the chosen endpoint has cached
   */
  String of(String what, @Nullable Verdict chosen, double cachedShare) {
    List<Verdict> available = verdicts.stream().filter(v -> v.removedBy().isEmpty()).toList();
    String subject = chosen == null ? "no endpoint" : chosen.endpoint().id();
    String head =
        String.format(
            "%s of %d available (%d in all) would get %s",
            subject, available.size(), verdicts.size(), what);
    String reason =
        chosen == null ? whyNone() : cost(chosen, cachedShare) + comparison(chosen, available);
    return head + reason + ".";
  }

  private String whyNone() {
    Map<String, Integer> filters = new TreeMap<>();
    for (Verdict verdict : verdicts) {
      verdict
          .removedBy()
          .ifPresent(filter -> filters.merge(filter.replaceFirst(":.*", ""), 1, Integer::sum));
    }
    List<String> counts = new ArrayList<>();
    filters.forEach((filter, count) -> counts.add(count + " by " + filter));
    return counts.isEmpty() ? "" : "; removed " + String.join(", ", counts);
  }

  private String cost(Verdict chosen, double cachedShare) {
    if (chosen.terms().isEmpty()) {
      return "";
    }
    String largest =
        largest(chosen.terms())
            .filter(term -> chosen.terms().size() > 1)
            .map(term -> ", of which " + quantity(term.getValue()) + " " + term.getKey())
            .orElse("");
    String cached =
        cachedShare < NOTABLE_SHARE
            ? ""
            : String.format(
                Locale.ROOT, ", with %.0f %% of the input in its cache", 100 * cachedShare);
    return ": " + quantity(chosen.score()) + largest + cached;
  }

  private String comparison(Verdict chosen, List<Verdict> available) {
    if (available.size() == 1) {
      return "; it is the only one";
    }
    Optional<Verdict> nextBest =
        available.stream()
            .filter(v -> v != chosen && !v.terms().isEmpty())
            .min(Comparator.comparingDouble(Verdict::score));
    if (nextBest.isEmpty()) {
      return "";
    }
    Verdict next = nextBest.get();
    String where = next.endpoint().id() + " with " + quantity(next.score());
    if (next.score() < chosen.score()) {
      return "; the lowest is " + where;
    }
    Map<String, Double> excess = new TreeMap<>();
    next.terms()
        .forEach(
            (name, seconds) -> excess.put(name, seconds - chosen.terms().getOrDefault(name, 0.0)));
    return "; next "
        + where
        + largest(excess)
            .map(term -> ", " + quantity(term.getValue()) + " more " + term.getKey())
            .orElse("");
  }

  private static Optional<Map.Entry<String, Double>> largest(Map<String, Double> terms) {
    return terms.entrySet().stream()
        .filter(term -> term.getValue() > 0)
        .max(Map.Entry.comparingByValue());
  }

  private String quantity(double value) {
    return String.format(Locale.ROOT, "%.3g", value) + (unit.isEmpty() ? "" : " " + unit);
  }
}
