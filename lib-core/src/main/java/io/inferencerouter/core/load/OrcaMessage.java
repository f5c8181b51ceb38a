package io.inferencerouter.core.load;

import io.inferencerouter.LoadReport;

/** Reads {@code xds.data.orca.v3.OrcaLoadReport}, of which only the field numbers matter. */
final class OrcaMessage {
  private static final int CPU_UTILIZATION = 1;
  private static final int MEM_UTILIZATION = 2;
  private static final int RPS = 3;
  private static final int UTILIZATION = 5;
  private static final int RPS_FRACTIONAL = 6;
  private static final int EPS = 7;
  private static final int NAMED_METRICS = 8;
  private static final int APPLICATION_UTILIZATION = 9;

  private static final int ENTRY_KEY = 1;
  private static final int ENTRY_VALUE = 2;

  /** The longest name that is read, in bytes. */
  private static final int MAX_NAME_BYTES = 4 * NamedMetrics.MAX_NAME_LENGTH;

  private final WireReader wire;
  private final OrcaLoadReport.Builder report = OrcaLoadReport.builder();

  OrcaMessage(byte[] serialized) {
    wire = new WireReader(serialized);
  }

  LoadReport read() {
    while (wire.next(wire.limit())) {
      switch (wire.fieldAndType()) {
        case CPU_UTILIZATION << 3 | WireReader.FIXED64 -> report.cpuUtilization(wire.fixed64());
        case MEM_UTILIZATION << 3 | WireReader.FIXED64 -> report.memoryUtilization(wire.fixed64());
        case RPS << 3 | WireReader.VARINT -> report.requestsPerSecond(unsigned(), false);
        case RPS_FRACTIONAL << 3 | WireReader.FIXED64 ->
            report.requestsPerSecond(wire.fixed64(), true);
        case EPS << 3 | WireReader.FIXED64 -> report.errorsPerSecond(wire.fixed64());
        case APPLICATION_UTILIZATION << 3 | WireReader.FIXED64 ->
            report.applicationUtilization(wire.fixed64());
        case UTILIZATION << 3 | WireReader.LENGTH_DELIMITED -> entry(true);
        case NAMED_METRICS << 3 | WireReader.LENGTH_DELIMITED -> entry(false);
        default -> wire.skip();
      }
    }
    return wire.isMalformed() ? LoadReport.builder().build() : report.build();
  }

  private double unsigned() {
    long value = wire.varint();
    return value >= 0 ? value : Double.MAX_VALUE;
  }

  private void entry(boolean utilization) {
    int end = wire.delimitedEnd();
    String name = "";
    double value = 0;
    while (wire.next(end)) {
      switch (wire.fieldAndType()) {
        case ENTRY_KEY << 3 | WireReader.LENGTH_DELIMITED -> name = wire.text(MAX_NAME_BYTES);
        case ENTRY_VALUE << 3 | WireReader.FIXED64 -> value = wire.fixed64();
        default -> wire.skip();
      }
    }
    if (utilization) {
      report.utilization(name, value);
    } else {
      report.namedMetric(name, value);
    }
  }
}
