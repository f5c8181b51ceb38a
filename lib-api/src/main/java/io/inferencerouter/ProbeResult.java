package io.inferencerouter;

/** What a probe has found. Immutable. */
public final class ProbeResult {
  private static final ProbeResult HEALTHY = new ProbeResult(true, "healthy");

  private final boolean healthy;
  private final String detail;

  private ProbeResult(boolean healthy, String detail) {
    this.healthy = healthy;
    this.detail = detail;
  }

  /** The endpoint is well. */
  public static ProbeResult healthy() {
    return HEALTHY;
  }

  /**
   * The endpoint is not well.
   *
   * @param detail what is wrong, in a few words, without secrets
   */
  public static ProbeResult unhealthy(String detail) {
    return new ProbeResult(false, Require.name("detail", detail));
  }

  /** Whether the endpoint is well. */
  public boolean isHealthy() {
    return healthy;
  }

  /** What is wrong, in a few words. */
  public String detail() {
    return detail;
  }

  @Override
  public String toString() {
    return "ProbeResult[" + detail + "]";
  }
}
