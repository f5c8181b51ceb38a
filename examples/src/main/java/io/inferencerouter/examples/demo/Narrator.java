package io.inferencerouter.examples.demo;

import io.inferencerouter.examples.demo.report.Conclusion;
import io.inferencerouter.examples.demo.report.Headline;
import io.inferencerouter.examples.demo.report.PolicyResult;
import io.inferencerouter.examples.demo.report.ResultTable;
import io.inferencerouter.examples.demo.scenario.Capacity;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Says briefly what the demo is doing, and what to beware of. */
final class Narrator {
  /** Above it the machine, not the fleet, may have set the pace. */
  private static final double BUSY_MACHINE = 0.80;

  /** Above it round robin loses to any policy, and beating it proves nothing. */
  private static final double OVERLOADED = 0.95;

  /** Above it the service times were not those stated. */
  private static final double LARGE_OVERRUN = 0.05;

  private final PrintWriter out;
  private final DemoOptions options;
  private final long startNanos = System.nanoTime();

  Narrator(PrintWriter out, DemoOptions options) {
    this.out = out;
    this.options = options;
  }

  void planned(Capacity capacity, Optional<FaultPlan> faults) {
    double slowest = capacity.slowestBusyWithEqualShares(options.load());
    say(
        "Load      %.0f %% of the fleet; equal shares would keep the slowest endpoint %.0f %% busy",
        options.load() * 100, slowest * 100);
    faults.ifPresent(plan -> say("Faults    %s", plan.description()));
    if (slowest >= OVERLOADED) {
      say("Warning   at this load round robin overloads the slowest endpoint: not a fair opponent");
    }
    say("");
  }

  void finished(
      Headline headline,
      List<PolicyResult> results,
      Path chart,
      Path csv,
      Optional<Path> reactions) {
    say("");
    say("%s", ResultTable.of(results));
    double busiest = results.stream().mapToDouble(PolicyResult::processorShare).max().orElse(0);
    double overrun = results.stream().mapToDouble(PolicyResult::overrun).max().orElse(0);
    say(
        "The machine's processors were %.0f %% busy; serving took %.1f %% longer than stated.",
        busiest * 100, overrun * 100);
    if (busiest > BUSY_MACHINE || overrun > LARGE_OVERRUN) {
      say("Warning: this machine was a bottleneck; compare with a lower --load.");
    }
    for (PolicyResult result : results) {
      if (result.policy().equals(Policy.ROUND_ROBIN.toString())
          && result.utilisation().busiest() >= OVERLOADED) {
        say("Warning: round robin overloaded an endpoint and is not a fair opponent here.");
      }
    }
    say("%s", Conclusion.of(headline, results));
    say("Chart: %s", chart.toAbsolutePath());
    say("Requests: %s", csv.toAbsolutePath());
    reactions.ifPresent(file -> say("Reactions: %s", file.toAbsolutePath()));
    say("Took %.0f s.", (System.nanoTime() - startNanos) / 1e9);
  }

  void say(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values).stripTrailing());
    out.flush();
  }
}
