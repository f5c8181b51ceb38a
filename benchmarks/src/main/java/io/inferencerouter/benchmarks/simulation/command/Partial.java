package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.experiment.Outcome;

/** Results of which some are missing. */
final class Partial {
  private Partial() {}

  static void show(Screen screen, Outcome<?> outcome, String results) {
    if (!outcome.results().isEmpty()) {
      screen.print(
          "PARTIAL RESULT: "
              + outcome.results().size()
              + " of "
              + outcome.total()
              + " runs; nothing was written\n\n"
              + results
              + "\nPARTIAL RESULT\n");
    }
  }

  static Failure failure(Outcome<?> outcome) {
    Outcome.Failure failure = outcome.failure().orElseThrow();
    return new Failure(failure.run() + ": " + failure.reason(), failure.cause());
  }
}
