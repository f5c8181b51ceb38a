package io.inferencerouter.benchmarks.simulation.experiment;

import java.util.List;
import java.util.Optional;

/**
 * What came of an experiment.
 *
 * @param results of the runs that came to their end, in the order in which they were asked for
 * @param total how many were asked for
 * @param failure why some are missing; empty if none is
 */
public record Outcome<T>(List<T> results, int total, Optional<Failure> failure) {
  public Outcome {
    results = List.copyOf(results);
  }

  /** Whether there is less than was asked for. */
  public boolean isPartial() {
    return failure.isPresent();
  }

  /**
   * The first run that failed.
   *
   * @param run which one
   */
  public record Failure(String run, Throwable cause) {
    /** What happened, in a line. */
    public String reason() {
      String message = cause.getMessage();
      return message == null || message.isBlank()
          ? cause.getClass().getSimpleName()
          : cause instanceof Error ? cause.getClass().getSimpleName() + ": " + message : message;
    }
  }
}
