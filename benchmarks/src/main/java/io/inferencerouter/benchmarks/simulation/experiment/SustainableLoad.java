package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import java.util.List;

/**
 * Searches the highest load at which the P99 of the time to the first output keeps an objective,
 * and nothing is lost, by halving.
 */
public final class SustainableLoad {
  private static final double HIGHEST = 2;
  private static final int STEPS = 8;

  private final Runner runner;
  private final Workers workers;
  private final double ttftP99Millis;

  /** Searches by that runner, on those threads, for that objective. */
  public SustainableLoad(Runner runner, Workers workers, double ttftP99Millis) {
    this.runner = runner;
    this.workers = workers;
    this.ttftP99Millis = ttftP99Millis;
  }

  /**
   * What was found.
   *
   * @param trial the one that was varied
   * @param load the highest as a share of saturation, to 1/128; 0 if the least does not keep the
   *     objective
   * @param rate the same in requests per second
   */
  public record Found(Trial trial, double load, double rate) {}

  /**
   * Searches for each trial.
   *
   * @param trials with a load above 0
   */
  public Outcome<Found> search(List<Trial> trials, Progress progress) {
    return workers.each(trials, trial -> search(trial, progress));
  }

  private Found search(Trial trial, Progress progress) {
    double good = 0;
    double bad = HIGHEST;
    for (int step = 0; step < STEPS; step++) {
      double middle = (good + bad) / 2;
      if (keeps(runner.run(at(trial.scenario(), middle), trial.policy(), requests -> {}))) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    progress.finished();
    Scenario scenario = trial.scenario();
    return new Found(trial, good, good * scenario.rate() / scenario.load());
  }

  private boolean keeps(RunResult result) {
    return result.completed() == result.requests() && result.ttftMillis().p99() <= ttftP99Millis;
  }

  private static Scenario at(Scenario scenario, double load) {
    return new Scenario(
        scenario.workload(),
        scenario.fleet(),
        scenario.routers(),
        load,
        scenario.rate() * load / scenario.load(),
        scenario.maxRequests(),
        scenario.seed(),
        scenario.warmUpShare(),
        scenario.maxAttempts(),
        scenario.ttftObjectiveMillis(),
        scenario.itlObjectiveMillis());
  }
}
