package io.inferencerouter.benchmarks.simulation.command;

/** Something did not work; the message is all that a user needs. */
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Failure(String message) {
    super(message);
  }

  Failure(String message, Throwable cause) {
    super(message, cause);
  }
}
