package io.inferencerouter.benchmarks.simulation.workload;

import org.jspecify.annotations.Nullable;

/** A trace that cannot be read; the message names the file, the line and the reason. */
public final class WorkloadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public WorkloadException(String message) {
    super(message);
  }

  public WorkloadException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
