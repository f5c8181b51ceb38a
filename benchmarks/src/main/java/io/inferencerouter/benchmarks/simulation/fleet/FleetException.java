package io.inferencerouter.benchmarks.simulation.fleet;

/** A fleet that cannot be read; the message names the file, the line and the reason. */
public final class FleetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A fleet malformed in a line. */
  public FleetException(String file, int line, String reason) {
    super(file + ":" + line + ": " + reason);
  }

  /** A fleet malformed as a whole. */
  public FleetException(String file, String reason) {
    super(file + ": " + reason);
  }
}
