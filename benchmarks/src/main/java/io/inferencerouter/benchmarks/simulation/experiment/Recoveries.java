package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.Simulation;
import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import io.inferencerouter.benchmarks.simulation.fleet.Incident;
import io.inferencerouter.benchmarks.simulation.measure.RunTimeline;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How policies get over faults. For this, runs are made once more with the fault and without, and
 * the latter need not be among those that there are. For one thread.
 */
public final class Recoveries {
  private final Timelines timelines;
  private final Map<Place, Recovery> known = new HashMap<>();
  private Optional<Healthy> latest = Optional.empty();

  private record Place(Setting setting, String policy) {}

  private record Healthy(Place place, List<RunTimeline> runs) {}

  /** Of the runs that these are the timelines of. */
  public Recoveries(Timelines timelines) {
    this.timelines = timelines;
  }

  /** How long a fault lasts in a setting, and whom it hits; empty if it hits nobody. */
  public Optional<Incident> incident(Setting setting) {
    return timelines.trials(setting, Comparison.DEFAULT).stream()
        .findFirst()
        .flatMap(
            trial ->
                Incident.of(
                    trial.faults(),
                    trial.scenario().fleet(),
                    Simulation.length(trial.scenario()).toNanos()));
  }

  /**
   * That of a policy in a setting; empty if it took no part there, or nobody is hit. Settings with
   * the same healthy runs are best asked for one after the other.
   */
  public Optional<Recovery> of(Setting setting, String policy) {
    Optional<Incident> what = incident(setting);
    List<Trial> trials = timelines.trials(setting, policy);
    return what.isEmpty() || trials.isEmpty()
        ? Optional.empty()
        : Optional.of(
            known.computeIfAbsent(
                new Place(setting, policy), place -> recovery(place, trials, what.get())));
  }

  private Recovery recovery(Place place, List<Trial> trials, Incident what) {
    List<RunTimeline> hit =
        place.policy().equals(Comparison.DEFAULT)
            ? trials.stream().map(timelines::of).toList()
            : trials.stream().map(timelines::once).toList();
    return Recovery.of(hit, healthy(place, trials), what);
  }

  /** The same without the fault. */
  private List<RunTimeline> healthy(Place place, List<Trial> trials) {
    Place same = new Place(place.setting().withoutFaults(), place.policy());
    Healthy runs =
        latest
            .filter(last -> last.place().equals(same))
            .orElseGet(
                () ->
                    new Healthy(
                        same,
                        trials.stream()
                            .map(Recoveries::withoutFaults)
                            .map(timelines::once)
                            .toList()));
    latest = Optional.of(runs);
    return runs.runs();
  }

  private static Trial withoutFaults(Trial trial) {
    return new Trial(
        trial.scenario().withFleet(trial.scenario().fleet().withoutChanges()),
        trial.policy(),
        Faults.NONE);
  }
}
