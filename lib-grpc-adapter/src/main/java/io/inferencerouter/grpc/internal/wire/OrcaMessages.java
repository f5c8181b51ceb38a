package io.inferencerouter.grpc.internal.wire;

import java.time.Duration;

/** The request of the service {@code xds.service.orca.v3.OpenRcaService}. */
public final class OrcaMessages {
  private static final int REPORT_INTERVAL = 1;
  private static final int SECONDS = 1;
  private static final int NANOS = 2;

  private OrcaMessages() {}

  /** An {@code OrcaLoadReportRequest}: a report is wanted that often. */
  public static byte[] request(Duration interval) {
    byte[] duration =
        new WireWriter()
            .integer(SECONDS, interval.getSeconds())
            .integer(NANOS, interval.getNano())
            .bytes();
    return new WireWriter().message(REPORT_INTERVAL, duration).bytes();
  }
}
