package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.Simulation;
import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.fleet.Incident;
import io.inferencerouter.benchmarks.simulation.measure.RunTimeline;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How policies get over faults. For this, runs are made once more with the fault, without, and with
 * next to none, and the latter two need not be among those that there are. For one thread.
 */
public final class Recoveries {
  private final Timelines timelines;
  private final Map<Place, Recovery> known = new HashMap<>();
  private Optional<Healthy> latest = Optional.empty();

  private record Place(Setting setting, String policy) {}

  /** Runs without a fault, and with next to none. */
  private record Healthy(Place place, List<RunTimeline> runs, List<RunTimeline> control) {}

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
    Healthy healthy = healthy(place, trials);
    return Recovery.of(hit, healthy.runs(), healthy.control(), what);
  }

  /** The same without the fault. */
  private Healthy healthy(Place place, List<Trial> trials) {
    Place same = new Place(place.setting().withoutFaults(), place.policy());
    Healthy runs =
        latest
            .filter(last -> last.place().equals(same))
            .orElseGet(
                () -> new Healthy(same, made(trials, Faults.NONE), made(trials, Faults.CONTROL)));
    latest = Optional.of(runs);
    return runs;
  }

  private List<RunTimeline> made(List<Trial> trials, String faults) {
    return trials.stream().map(trial -> with(faults, trial)).map(timelines::once).toList();
  }

  private static Trial with(String faults, Trial trial) {
    FleetSpec healthy = trial.scenario().fleet().withoutChanges();
    FleetSpec hit = healthy.withChanges(Faults.byName(faults, healthy).orElseThrow());
    return new Trial(trial.scenario().withFleet(hit), trial.policy(), faults);
  }
}
