package io.inferencerouter.core.load;

import io.inferencerouter.LoadReport;

/**
 * Load reports of the Open Request Cost Aggregation (ORCA), as endpoints send them with their
 * answers: the message {@code xds.data.orca.v3.OrcaLoadReport}.
 *
 * <p>A report comes from outside and is never trusted. What a {@link LoadReport} refuses is left
 * out or brought into its range:
 *
 * <ul>
 *   <li>numbers that are not finite, negative numbers where there can be none, and names that are
 *       blank, too long or contain control characters are left out;
 *   <li>a use of memory above 1 is 1, and any value beyond {@link LoadReport#MAX_VALUE} is that;
 *   <li>of the named metrics the first {@value LoadReport#MAX_NAMED_METRICS} are kept.
 * </ul>
 *
 * <p>Entries of {@code named_metrics} keep their name, entries of {@code utilization} become named
 * metrics {@code utilization.NAME}. Request costs are left out, for they say nothing about load.
 */
public final class OrcaLoadReport {
  private OrcaLoadReport() {}

  /**
   * Reads the serialized message, as in the trailer {@code endpoint-load-metrics-bin}. Unknown
   * fields are skipped; of a field that comes several times the last counts. Never throws.
   *
   * @return what was reported; an {@linkplain LoadReport#isEmpty() empty} report when the bytes are
   *     not such a message, however much of it could be read
   */
  public static LoadReport parse(byte[] serialized) {
    return new OrcaMessage(serialized).read();
  }

  /** Starts a report that is read name by name. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Builds a report out of names and numbers, as the text forms of ORCA have them. Not safe for use
   * by several threads at once.
   */
  public static final class Builder {
    private final LoadReport.Builder report = LoadReport.builder();
    private final NamedMetrics named = new NamedMetrics();
    private boolean exactRate;

    private Builder() {}

    /**
     * Adds one value; never throws.
     *
     * @param name the name of a field of the message, such as {@code cpu_utilization}, also in
     *     camel case; a field and a key such as {@code named_metrics.queue} or {@code
     *     utilization.gpu}. Other names are ignored.
     */
    public Builder metric(String name, double value) {
      switch (name) {
        case "cpu_utilization", "cpuUtilization" -> cpuUtilization(value);
        case "mem_utilization", "memUtilization" -> memoryUtilization(value);
        case "application_utilization", "applicationUtilization" -> applicationUtilization(value);
        case "rps" -> requestsPerSecond(value, false);
        case "rps_fractional", "rpsFractional" -> requestsPerSecond(value, true);
        case "eps" -> errorsPerSecond(value);
        default -> entry(name, value);
      }
      return this;
    }

    private void entry(String name, double value) {
      int dot = name.indexOf('.');
      if (dot > 0) {
        switch (name.substring(0, dot)) {
          case "named_metrics", "namedMetrics" -> namedMetric(name.substring(dot + 1), value);
          case "utilization" -> utilization(name.substring(dot + 1), value);
          default -> {}
        }
      }
    }

    void cpuUtilization(double value) {
      if (isAmount(value)) {
        report.cpuUtilization(Math.min(value, LoadReport.MAX_VALUE));
      }
    }

    void memoryUtilization(double value) {
      if (isAmount(value)) {
        report.memoryUtilization(Math.min(value, 1));
      }
    }

    void applicationUtilization(double value) {
      if (isAmount(value)) {
        report.applicationUtilization(Math.min(value, LoadReport.MAX_VALUE));
      }
    }

    /**
     * Sets the rate of requests.
     *
     * @param exact whether it is the field with fractions, which wins over the old one
     */
    void requestsPerSecond(double value, boolean exact) {
      if (isAmount(value) && (exact || !exactRate)) {
        exactRate |= exact;
        report.requestsPerSecond(Math.min(value, LoadReport.MAX_VALUE));
      }
    }

    void errorsPerSecond(double value) {
      if (isAmount(value)) {
        report.errorsPerSecond(Math.min(value, LoadReport.MAX_VALUE));
      }
    }

    void namedMetric(String name, double value) {
      named.put(name, value);
    }

    void utilization(String name, double value) {
      if (!name.isBlank() && isAmount(value)) {
        named.put("utilization." + name, value);
      }
    }

    private static boolean isAmount(double value) {
      return value >= 0 && value < Double.POSITIVE_INFINITY;
    }

    /** Builds the report. */
    public LoadReport build() {
      named.addTo(report);
      return report.build();
    }
  }
}
