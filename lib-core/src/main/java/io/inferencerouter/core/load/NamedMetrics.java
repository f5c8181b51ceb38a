package io.inferencerouter.core.load;

import io.inferencerouter.LoadReport;
import java.util.LinkedHashMap;
import java.util.Map;

/** Named metrics within the bounds of a {@link LoadReport}. */
final class NamedMetrics {
  /** The longest name, in characters. */
  static final int MAX_NAME_LENGTH = 1024;

  private final Map<String, Double> values = new LinkedHashMap<>();

  void put(String name, double value) {
    if (isName(name)
        && Double.isFinite(value)
        && (values.size() < LoadReport.MAX_NAMED_METRICS || values.containsKey(name))) {
      double most = LoadReport.MAX_VALUE;
      values.put(name, Math.max(-most, Math.min(value, most)));
    }
  }

  private static boolean isName(String name) {
    return name.length() <= MAX_NAME_LENGTH
        && !name.isBlank()
        && name.chars().noneMatch(Character::isISOControl);
  }

  void addTo(LoadReport.Builder report) {
    values.forEach(report::namedMetric);
  }
}
