package io.inferencerouter.grpc;

/** What an endpoint says of a service, by gRPC's health checking protocol. */
public enum ServingStatus {
  /** The server does not know yet. */
  UNKNOWN,
  /** It serves. */
  SERVING,
  /** It does not serve now. */
  NOT_SERVING,
  /** The server has no such service. */
  SERVICE_UNKNOWN,
  /** The server does not implement health checks. */
  UNIMPLEMENTED;

  /** The status with that number in {@code grpc.health.v1.HealthCheckResponse}. */
  static ServingStatus of(int number) {
    return switch (number) {
      case 1 -> SERVING;
      case 2 -> NOT_SERVING;
      case 3 -> SERVICE_UNKNOWN;
      default -> UNKNOWN;
    };
  }
}
