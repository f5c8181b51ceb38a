package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.measure.RunTimeline;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs made once more, for what happened over time; each only once. That they give the same bits is
 * looked at beside. For one thread.
 */
public final class Timelines {
  private final List<Trial> trials;
  private final Replay replay;
  private final Map<Place, RunResult> before = new HashMap<>();
  private final Map<Trial, RunTimeline> known = new HashMap<>();
  private int made;
  private int different;

  private record Place(Setting setting, String policy, long seed) {}

  /**
   * Timelines of some runs.
   *
   * @param rows what came of them
   */
  public Timelines(List<Trial> trials, List<Row> rows, Replay replay) {
    this.trials = List.copyOf(trials);
    this.replay = replay;
    for (Row row : rows) {
      before.put(
          new Place(row.setting(), row.policy(), row.result().seed()), row.result().timeless());
    }
  }

  /** The runs of a policy in a setting, one for each seed. */
  public List<Trial> trials(Setting setting, String policy) {
    return trials.stream()
        .filter(trial -> trial.policy().name().equals(policy))
        .filter(trial -> Setting.of(trial.scenario(), trial.faults()).equals(setting))
        .toList();
  }

  /** What happened in them. */
  public List<RunTimeline> of(Setting setting, String policy) {
    return trials(setting, policy).stream().map(this::of).toList();
  }

  /** What happened in one, which is kept. */
  public RunTimeline of(Trial trial) {
    RunTimeline seen = known.get(trial);
    if (seen == null) {
      seen = make(trial);
      known.put(trial, seen);
    }
    return seen;
  }

  /** What happened in one, which may be none of those that there are; it is not kept. */
  RunTimeline once(Trial trial) {
    RunTimeline seen = known.get(trial);
    return seen == null ? make(trial) : seen;
  }

  private RunTimeline make(Trial trial) {
    RunTimeline timeline = new RunTimeline();
    RunResult result = replay.run(trial, timeline);
    RunResult first =
        before.get(
            new Place(
                Setting.of(trial.scenario(), trial.faults()),
                trial.policy().name(),
                trial.scenario().seed()));
    if (first != null) {
      made++;
      different += result.timeless().equals(first) ? 0 : 1;
    }
    return timeline;
  }

  /** How many runs were made once more. */
  public int made() {
    return made;
  }

  /** How many of them differ from the first time in any bit of any figure but the time it took. */
  public int different() {
    return different;
  }
}
