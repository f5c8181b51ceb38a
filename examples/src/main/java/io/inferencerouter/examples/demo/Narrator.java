package io.inferencerouter.examples.demo;

import io.inferencerouter.examples.demo.engine.Calibration;
import io.inferencerouter.examples.demo.engine.EndpointSpec;
import io.inferencerouter.examples.demo.engine.MiniLm;
import io.inferencerouter.examples.demo.report.Conclusion;
import io.inferencerouter.examples.demo.report.PolicyResult;
import io.inferencerouter.examples.demo.report.ResultTable;
import io.inferencerouter.examples.demo.workload.Workload;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

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

  void loaded() {
    say("Model     %s, %d dimensions, on ONNX Runtime", MiniLm.NAME, MiniLm.DIMENSIONS);
  }

  void calibrated(Calibration measured, Calibration unit) {
    say(
        "Machine   %d processors; one computes a token in %.3f ms, slow-downs count from %.3f ms",
        Runtime.getRuntime().availableProcessors(),
        measured.nanosPerToken() / 1e6,
        unit.nanosPerToken() / 1e6);
  }

  void planned(LoopbackFleet fleet, Workload workload) {
    say(
        "Fleet     %s: real model servers on loopback, slowed down to stand for GPUs",
        options.fleet());
    for (EndpointSpec spec : options.fleet().endpoints()) {
      say(
          "          %-8s slow-down %4.1f, %d permits, %4.0f tokens/s per request",
          spec.name(), spec.slowDown(), spec.permits(), fleet.tokensPerSecond(spec));
    }
    say(
        "Workload  %d documents with %d pages, in bursts over %.0f s; seed %d",
        workload.jobs().size(),
        workload.pages(),
        workload.window().toMillis() / 1e3,
        options.seed());
    double slowest = options.fleet().slowestBusyWithEqualShares(options.load());
    say(
        "Load      %.0f %% of the fleet; equal shares would keep the slowest endpoint %.0f %% busy",
        options.load() * 100, slowest * 100);
    if (slowest >= OVERLOADED) {
      say("Warning   at this load round robin overloads the slowest endpoint: not a fair opponent");
    }
    say("");
  }

  void finished(List<PolicyResult> results, Path chart, Path csv) {
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
    say("%s", Conclusion.of(results));
    say("Chart: %s", chart.toAbsolutePath());
    say("Requests: %s", csv.toAbsolutePath());
    say("Took %.0f s.", (System.nanoTime() - startNanos) / 1e9);
  }

  private void say(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values).stripTrailing());
    out.flush();
  }
}
