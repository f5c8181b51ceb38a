package io.inferencerouter.benchmarks.simulation.experiment;

import java.util.List;
import java.util.function.LongConsumer;

/** Runs trials, several at a time. */
public final class Experiment {
  private final Runner runner;
  private final Workers workers;

  /** Runs by that runner, on those threads. */
  public Experiment(Runner runner, Workers workers) {
    this.runner = runner;
    this.workers = workers;
  }

  /** The results, in the order of the trials. */
  public Outcome<Row> run(List<Trial> trials, Progress progress) {
    return workers.each(
        trials,
        trial -> {
          Row row =
              new Row(
                  runner.run(trial.scenario(), trial.policy(), new Steps(progress)),
                  trial.policy().standing(),
                  trial.faults());
          progress.finished();
          return row;
        });
  }

  /** Makes differences of one run's counts. */
  private static final class Steps implements LongConsumer {
    private final Progress progress;
    private long before;

    Steps(Progress progress) {
      this.progress = progress;
    }

    @Override
    public void accept(long requests) {
      progress.arrived(Math.max(0, requests - before));
      before = Math.max(before, requests);
    }
  }
}
