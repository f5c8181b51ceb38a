package io.inferencerouter.benchmarks.report;

import io.inferencerouter.benchmarks.jmh.Clock;
import io.inferencerouter.benchmarks.jmh.Policy;
import io.inferencerouter.benchmarks.report.Results.Case;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The report, in Markdown. */
final class MarkdownReport {
  private static final String INTRODUCTION =
      """
      # Benchmarks

      What a decision costs, in nanoseconds, without a transport. This file is generated; to measure
      again, on this and on a second JVM:

          mvn -q -P bench -Dbench.args="--jvm /path/to/another/java"

      The fleet is mixed (four kinds of GPU, some that declare no speed), three requests are in
      flight for each endpoint, and 64 different requests take turns. Every figure is the lower
      quartile of many short iterations, since other work on the machine only ever adds time; those
      that targets go by come from three rounds with minutes between them. Absolute figures hold for
      this machine only.

      The **floor** is what no router can do without, measured beside each size in the same run: two
      readings of the clock, two random numbers, a compare-and-set to enter an endpoint and one to
      leave it.
      """;

  private final StringBuilder text = new StringBuilder(INTRODUCTION);

  MarkdownReport(List<Results> runs) {
    text.append("\nMeasured on ").append(Machine.description()).append(".\n");
    runs.forEach(this::add);
  }

  String text() {
    return text.toString();
  }

  private void add(Results run) {
    text.append("\n## ").append(run.jvm()).append("\n");
    targets(run);
    List<Integer> sizes = run.sizes();
    section("One thread, ns for each operation, by number of endpoints");
    table(sizes, rows(sizes, 1, run::nanos), floor(run, 1));
    section("One thread, as a multiple of the floor");
    table(sizes, rows(sizes, 1, run::ratio));
    section("Two threads, ns for each operation of each thread");
    table(sizes, rows(sizes, 2, run::nanos), floor(run, 2));
    section("Two threads, as a multiple of one thread's time");
    table(sizes, rows(sizes, 1, one -> run.nanos(withThreads(one, 2)) / run.nanos(one)));
    section("Bytes allocated for each operation");
    text.append("What loads the fleet before each iteration is included.\n\n");
    table(sizes, rows(sizes, 1, run::bytes));
    parts(run);
    percentiles(run);
  }

  private void section(String title) {
    text.append("\n### ").append(title).append("\n\n");
  }

  private void targets(Results run) {
    section("Targets: the default selector at the worst size");
    text.append("| target | at most | measured | met |\n|---|---:|---:|---|\n");
    for (Target target : Target.values()) {
      double measured = target.measured(run);
      line(
          target.title(),
          number(target.limit()),
          number(measured),
          target.isMissed(measured, 1) ? "**no**" : "yes");
    }
  }

  /** A row of a table. */
  private record Row(String title, List<Double> values) {}

  private static List<Row> rows(List<Integer> sizes, int threads, ToDoubleFunction<Case> value) {
    List<Row> rows = new ArrayList<>();
    for (String benchmark :
        List.of(
            Results.ACQUIRE_COMPLETE,
            Results.ACQUIRE_FIRST_TOKEN_COMPLETE,
            Results.ACQUIRE_BY_MODEL_COMPLETE)) {
      for (Policy policy : Policy.values()) {
        for (Clock clock : Clock.values()) {
          List<Double> values =
              sizes.stream()
                  .map(size -> new Case(benchmark, policy, clock, size, threads))
                  .map(value::applyAsDouble)
                  .toList();
          if (!values.stream().allMatch(v -> v.isNaN())) {
            rows.add(new Row(words(benchmark, policy, clock), values));
          }
        }
      }
    }
    return rows;
  }

  private static String words(String benchmark, Policy policy, Clock clock) {
    String steps =
        switch (benchmark) {
          case Results.ACQUIRE_FIRST_TOKEN_COMPLETE -> ", first token";
          case Results.ACQUIRE_BY_MODEL_COMPLETE -> ", model by name";
          default -> "";
        };
    String name = policy.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return name + steps + (clock == Clock.COARSE ? ", coarse ticker" : "");
  }

  private static Case withThreads(Case what, int threads) {
    return new Case(what.benchmark(), what.policy(), what.clock(), what.endpoints(), threads);
  }

  private static Row floor(Results run, int threads) {
    return new Row("floor", run.sizes().stream().map(size -> run.floor(size, threads)).toList());
  }

  private void table(List<Integer> sizes, List<Row> rows, Row... more) {
    text.append("| |").append(join(sizes)).append("\n|---|").append("---:|".repeat(sizes.size()));
    text.append('\n');
    rows.forEach(this::row);
    for (Row row : more) {
      row(row);
    }
  }

  private static String join(List<Integer> sizes) {
    StringBuilder joined = new StringBuilder();
    sizes.forEach(size -> joined.append(' ').append(size).append(" |"));
    return joined.toString();
  }

  private void row(Row row) {
    List<String> cells = new ArrayList<>();
    cells.add(row.title);
    row.values.forEach(value -> cells.add(number(value)));
    line(cells.toArray(new String[0]));
  }

  private void line(String... cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private void parts(Results run) {
    section("The parts of the floor, ns");
    text.append("| part | |\n|---|---:|\n");
    run.parts()
        .forEach(
            (name, nanos) ->
                line(
                    switch (name) {
                      case "clock" -> "two readings of the clock";
                      case "random" -> "two random numbers";
                      default -> "two compare-and-sets";
                    },
                    number(nanos)));
  }

  private void percentiles(Results run) {
    section("Single operations of the default selector, ns");
    text.append(
        """
        All of them timed one by one, the clock readings of that included; each percentile is the
        median of those of iterations of a second. The floor, in one row for all sizes, tells what
        the machine does. JMH's own sample mode shows many times as many pauses as there are, see
        `EachOperation`.

        """);
    text.append("| endpoints | P50 | P99 | P99.9 | P99.99 |\n|---:|---:|---:|---:|---:|\n");
    run.tails().forEach((size, tail) -> percentiles(size.toString(), tail));
    percentiles("floor", run.floorTail());
  }

  private void percentiles(String what, Results.Tail tail) {
    line(what, number(tail.p50()), number(tail.p99()), number(tail.p999()), number(tail.p9999()));
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    return String.format(Locale.ROOT, value < 20 ? "%.2f" : "%.0f", value);
  }
}
