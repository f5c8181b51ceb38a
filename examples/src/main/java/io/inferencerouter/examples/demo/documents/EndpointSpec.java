package io.inferencerouter.examples.demo.documents;

/**
 * What one endpoint of the fleet stands for.
 *
 * @param name the endpoint's name
 * @param slowDown how many times slower than one processor of this machine it serves one request;
 *     at least one
 * @param permits how many requests it serves at a time, at least one
 */
record EndpointSpec(String name, double slowDown, int permits) {
  /** Checks the ranges. */
  public EndpointSpec {
    if (!(slowDown >= 1) || Double.isInfinite(slowDown)) {
      throw new IllegalArgumentException("slowDown: " + slowDown + " (expected: at least 1)");
    }
    if (permits < 1) {
      throw new IllegalArgumentException("permits: " + permits + " (expected: at least 1)");
    }
  }

  /** How many processors of this machine it equals: the share that it uses when all is busy. */
  public double capacity() {
    return permits / slowDown;
  }

  /** How many tokens per second it reads for one request. */
  public double tokensPerSecond(Calibration calibration) {
    return 1e9 / (calibration.nanosPerToken() * slowDown);
  }
}
