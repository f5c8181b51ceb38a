package io.inferencerouter.benchmarks.simulation.report.goal;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Medians;
import io.inferencerouter.benchmarks.simulation.experiment.Replay;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.experiment.Timelines;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import io.inferencerouter.benchmarks.simulation.measure.Recorder;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the simulator itself has to do. */
final class SimulatorGoals {
  private static final int MANY_ENDPOINTS = 64;
  private static final double REQUESTS_PER_SECOND = 50_000;
  private static final int VERY_MANY_ENDPOINTS = 1_000;
  private static final long VERY_MANY_REQUESTS = 1_000_000;
  private static final double GIGABYTE = 1e9;
  private static final double GIGABYTES = 8;

  /** Shorter times are too coarse. */
  private static final long LEAST_NANOS = 500_000_000;

  /** Decides at once; what the default takes longer is its own. */
  private static final String PLAIN = "round-robin";

  private final Comparison comparison;
  private final Timelines timelines;
  private final Replay replay;

  SimulatorGoals(Comparison comparison, Timelines timelines, Replay replay) {
    this.comparison = comparison;
    this.timelines = timelines;
    this.replay = replay;
  }

  List<Goal> goals() {
    return List.of(speed(), size(), bits());
  }

  private Goal speed() {
    String title =
        "≥ 50,000 simulated requests per second of processor time, the default before 64"
            + " endpoints, a plain workload, 1 router";
    Optional<Setting> chosen =
        RivalGoals.calmSettings(comparison)
            .filter(setting -> setting.routers() == 1)
            .filter(setting -> !comparison.prefixWorkloads().contains(setting.workload()))
            .filter(setting -> endpoints(setting) == MANY_ENDPOINTS)
            .findFirst();
    if (chosen.isEmpty()) {
      return Goal.notRun(title);
    }
    Setting setting = chosen.get();
    double rate = rate(timelines.trials(setting, Comparison.DEFAULT));
    double plain = rate(timelines.trials(setting, PLAIN));
    String measured =
        String.format(Locale.ROOT, "%,.0f (%s)", rate, setting)
            + (plain > 0
                ? String.format(
                    Locale.ROOT,
                    ", %,.0f with %s: %s",
                    plain,
                    PLAIN,
                    rate < plain / 2 ? "the decisions dominate" : "the endpoint model dominates")
                : "");
    return Goal.of(title, measured, rate >= REQUESTS_PER_SECOND);
  }

  /** Requests per second of all threads' time, with nothing beside it. */
  private double rate(List<Trial> trials) {
    List<Double> rates = new ArrayList<>();
    for (Trial trial : trials) {
      long begin = processorNanos();
      long end = begin;
      long requests = 0;
      while (end - begin < LEAST_NANOS) {
        requests += replay.run(trial, Recorder.NONE).requests();
        // A run that takes no time at all has an end, too
        end = Math.max(end + 1_000_000, processorNanos());
      }
      rates.add(requests / ((end - begin) * 1e-9));
    }
    return rates.isEmpty() ? 0 : Medians.of(rates);
  }

  private static long processorNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : System.nanoTime();
  }

  private Goal size() {
    String title = "1,000 endpoints and a million requests within 8 GB";
    Optional<Setting> chosen =
        comparison.settings().stream()
            .filter(setting -> endpoints(setting) >= VERY_MANY_ENDPOINTS)
            .filter(
                setting ->
                    comparison.median(setting, Comparison.DEFAULT, result -> result.requests())
                        >= VERY_MANY_REQUESTS)
            .findFirst();
    if (chosen.isEmpty()) {
      return Goal.notRun(title);
    }
    double gigabytes = mostMemory() / GIGABYTE;
    String measured =
        String.format(
            Locale.ROOT,
            "%.1f GB of heap at most, garbage and all other runs included; %.0f s (%s)",
            gigabytes,
            comparison.median(chosen.get(), Comparison.DEFAULT, result -> result.wallSeconds()),
            chosen.get());
    return Goal.of(title, measured, gigabytes <= GIGABYTES);
  }

  private static double mostMemory() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .mapToDouble((MemoryPoolMXBean pool) -> (double) pool.getPeakUsage().getUsed())
        .sum();
  }

  private Goal bits() {
    String title = "Same seed, same bits, also on another Java";
    if (timelines.made() == 0) {
      return Goal.notRun(title);
    }
    String measured =
        String.format(
            Locale.ROOT,
            "%d runs made once more, %d differ; CI compares all workloads and policies on Java 17"
                + " and 25",
            timelines.made(),
            timelines.different());
    return Goal.of(title, measured, timelines.different() == 0);
  }

  private int endpoints(Setting setting) {
    return timelines.trials(setting, Comparison.DEFAULT).stream()
        .mapToInt(trial -> trial.scenario().fleet().endpoints().size())
        .findFirst()
        .orElse(0);
  }
}
