package io.inferencerouter.okhttp.internal.load;

import io.inferencerouter.LoadReport;
import io.inferencerouter.core.load.OrcaLoadReport;
import io.inferencerouter.okhttp.internal.json.LoadReportJson;
import java.util.List;
import java.util.Locale;
import okhttp3.Headers;
import okio.ByteString;

/**
 * Load reports (ORCA) as HTTP servers write them into headers and trailers.
 *
 * <p>The header {@code endpoint-load-metrics} comes in these forms:
 *
 * <pre>
 *   TEXT cpu_utilization=0.3, named_metrics.queue=2
 *   JSON {"cpu_utilization": 0.3, "named_metrics": {"queue": 2}}
 *   BIN  the message in base64
 *   cpu_utilization=0.3, named_metrics.queue:2     without the word, either sign
 *   {"cpuUtilization": 0.3}                        without the word, names in camel case
 * </pre>
 *
 * <p>The header {@code endpoint-load-metrics-bin} has the message in base64. What is malformed is
 * left out; nothing throws.
 */
public final class LoadReportHeaders {
  /** The header with a report in one of several forms. */
  public static final String METRICS = "endpoint-load-metrics";

  /** The header with a serialized report. */
  public static final String METRICS_BIN = "endpoint-load-metrics-bin";

  /** The header of a request that asks for reports. */
  public static final String FORMAT = "endpoint-load-metrics-format";

  private LoadReportHeaders() {}

  /** The report in headers or trailers; empty when there is none. */
  public static LoadReport read(Headers headers) {
    String serialized = headers.get(METRICS_BIN);
    if (serialized != null) {
      LoadReport report = binary(serialized);
      if (!report.isEmpty()) {
        return report;
      }
    }
    return headers.get(METRICS) == null
        ? LoadReport.builder().build()
        : read(headers.values(METRICS));
  }

  /** Reads the values of one header, which may have been split at commas. */
  private static LoadReport read(List<String> values) {
    OrcaLoadReport.Builder report = OrcaLoadReport.builder();
    for (String value : values) {
      String text = value.trim();
      switch (firstWord(text)) {
        case "TEXT" -> pairs(text.substring(4), report);
        case "JSON" -> LoadReportJson.read(text.substring(4), report);
        case "BIN" -> {
          return binary(text.substring(3));
        }
        default -> {
          if (text.startsWith("{")) {
            LoadReportJson.read(text, report);
          } else {
            pairs(text, report);
          }
        }
      }
    }
    return report.build();
  }

  private static String firstWord(String text) {
    int end = 0;
    while (end < text.length() && end < 5 && Character.isLetter(text.charAt(end))) {
      end++;
    }
    boolean whole =
        end < text.length()
            && (Character.isWhitespace(text.charAt(end)) || text.charAt(end) == '{');
    return whole ? text.substring(0, end).toUpperCase(Locale.ROOT) : "";
  }

  private static LoadReport binary(String base64) {
    ByteString serialized = ByteString.decodeBase64(base64.trim());
    return OrcaLoadReport.parse(serialized == null ? new byte[0] : serialized.toByteArray());
  }

  /** Reads pairs of a name and a number. A colon may be part of a name, an equals sign is not. */
  private static void pairs(String text, OrcaLoadReport.Builder report) {
    for (int from = 0; from < text.length(); ) {
      int comma = text.indexOf(',', from);
      int to = comma < 0 ? text.length() : comma;
      String pair = text.substring(from, to);
      int sign = pair.indexOf('=');
      if (sign < 0) {
        sign = pair.lastIndexOf(':');
      }
      if (sign > 0) {
        report.metric(pair.substring(0, sign).trim(), number(pair.substring(sign + 1)));
      }
      from = to + 1;
    }
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text.trim());
    } catch (NumberFormatException malformed) {
      return Double.NaN; // which no report takes
    }
  }
}
