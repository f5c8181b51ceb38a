package io.inferencerouter.examples.demo.workload;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server says of one request.
 *
 * @param queueMillis how long it waited for a permit
 * @param serviceMillis how long it held the permit
 */
public record ServerTiming(double queueMillis, double serviceMillis) {
  /** The header, as the W3C's Server Timing defines it. */
  public static final String HEADER = "server-timing";

  /** Stands for a server that said nothing. */
  public static final ServerTiming UNKNOWN = new ServerTiming(0, 0);

  private static final Pattern VALUE =
      Pattern.compile("queue;dur=([0-9.]+), service;dur=([0-9.]+)");

  /** Writes the header. */
  public String header() {
    return String.format(
        Locale.ROOT, "queue;dur=%.3f, service;dur=%.3f", queueMillis, serviceMillis);
  }

  /** Reads the header; any other text gives {@link #UNKNOWN}. */
  public static ServerTiming parse(String header) {
    Matcher match = VALUE.matcher(header);
    return match.matches()
        ? new ServerTiming(Double.parseDouble(match.group(1)), Double.parseDouble(match.group(2)))
        : UNKNOWN;
  }
}
