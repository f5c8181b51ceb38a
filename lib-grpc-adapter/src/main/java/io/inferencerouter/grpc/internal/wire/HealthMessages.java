package io.inferencerouter.grpc.internal.wire;

/** The messages of the service {@code grpc.health.v1.Health}. */
public final class HealthMessages {
  private static final int SERVICE = 1;
  private static final int STATUS = 1;

  private HealthMessages() {}

  /** A {@code HealthCheckRequest}. */
  public static byte[] request(String service) {
    return new WireWriter().text(SERVICE, service).bytes();
  }

  /** The number of the status in a {@code HealthCheckResponse}; 0, unknown, if it has none. */
  public static int status(byte[] response) {
    WireReader wire = new WireReader(response, response.length);
    long status = 0;
    while (wire.next(wire.end())) {
      if (wire.is(STATUS, WireReader.VARINT)) {
        status = wire.varint();
      } else {
        wire.skip();
      }
    }
    return status >= 0 && status <= Integer.MAX_VALUE ? (int) status : 0;
  }
}
