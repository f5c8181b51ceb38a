package io.inferencerouter.benchmarks.simulation.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatorTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  private int run(Catalogue catalogue, String... args) {
    Screen screen = new Screen(new PrintWriter(out), new PrintWriter(err), false);
    return Simulator.run(catalogue, screen, args);
  }

  private int run(String... args) {
    return run(new SampleCatalogue(), args);
  }

  private void assertWrongUsage(String message, String... args) {
    err.getBuffer().setLength(0);
    assertThat(run(args)).as(err.toString()).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains(message).doesNotContain("Exception");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aRunPrintsATableAndWritesJsonAndCsvAndCharts() throws IOException {
    Path json = folder.resolve("r.json");
    Path csv = folder.resolve("r.csv");
    Path charts = folder.resolve("charts");

    int exit =
        run(
            "run",
            "--workload",
            "chat,agents",
            "--fleet",
            "mixed-8",
            "--routers",
            "1,16",
            "--load",
            "0.5,0.7",
            "--seed",
            "1,2,3",
            "--json",
            json.toString(),
            "--csv",
            csv.toString(),
            "--charts",
            charts.toString());

    assertThat(exit).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("chat on mixed-8, 16 routers, load 0.5, medians of 3 seeds")
        .contains("the best rival is true-weights with")
        .doesNotContain("PARTIAL");
    assertThat(err.toString()).contains("saturation of mixed-8 on agents: 80.00 requests/s");
    JsonNode array = new ObjectMapper().readTree(json.toFile());
    // 2 workloads, 2 numbers of routers, 2 loads, 6 policies and the oracle, 3 seeds
    assertThat(array).hasSize(2 * 2 * 2 * 7 * 3);
    assertThat(array.get(0).get("rate").asDouble()).isEqualTo(40);
    assertThat(Files.readAllLines(csv)).hasSize(array.size() + 1);
    try (var files = Files.list(charts)) {
      // 8 settings with two figures, and one over the load for each 2
      assertThat(files.toList()).hasSize(8 * 2 + 4);
    }
  }

  @Test
  void policiesAreChosenByNameOrKind() throws IOException {
    Path json = folder.resolve("r.json");
    assertThat(run("run", "--policies", "oracle,peak-ewma,default", "--json", json.toString()))
        .isZero();
    assertThat(new ObjectMapper().readTree(json.toFile()).findValuesAsText("policy"))
        .containsExactly("default", "peak-ewma", "seer", "wizard", "oracle");
  }

  @Test
  void aFleetAndFaultsMayBeFiles() throws IOException {
    Path fleet =
        Files.writeString(
            folder.resolve("fleet.json"),
            "{\"name\":\"mine\",\"endpoints\":[{\"gpu\":\"L4\",\"id\":\"x\",\"count\":2}]}");
    Path faults =
        Files.writeString(
            folder.resolve("bad.json"), "[{\"at\":0.5,\"type\":\"crash\",\"endpoint\":\"x-2\"}]");
    assertThat(
            run("run", "--fleet", fleet.toString(), "--faults", faults.toString(), "--rate", "5"))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).startsWith("chat on mine, 1 router, 5 requests/s, bad\n");
  }

  @Test
  void aBrokenFleetIsOneLineAndExitCode1() throws IOException {
    Path fleet =
        Files.writeString(folder.resolve("fleet.json"), "{\"endpoints\":[\n{\"gpu\":\"Z9\"}]}");

    assertThat(run("run", "--fleet", fleet.toString())).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("simulator: " + fleet + ":2: unknown GPU: Z9")
        .hasLineCount(1);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void verboseShowsWhereAnErrorComesFrom() {
    assertThat(run("run", "--verbose", "--trace", "nowhere.csv")).isEqualTo(1);
    assertThat(err.toString()).startsWith("simulator: nowhere.csv: no such file").contains("\tat ");
  }

  @Test
  void aFailedRunMarksWhatThereIsAndWritesNothing() {
    Path json = folder.resolve("r.json");
    int exit =
        run(
            new SampleCatalogue().broken("true-weights"),
            "run",
            "--threads",
            "1",
            "--json",
            json.toString());

    assertThat(exit).isEqualTo(1);
    assertThat(out.toString())
        .startsWith("PARTIAL RESULT: 3 of 6 runs; nothing was written\n")
        .endsWith("PARTIAL RESULT\n");
    assertThat(err.toString().lines().toList())
        .last()
        .isEqualTo(
            "simulator: chat on mixed-8, 1 router, load 0.7, true-weights, seed 1: no endpoint is"
                + " left");
    assertThat(json).doesNotExist();
  }

  @Test
  void wrongUsageIsOneLineAndExitCode2() {
    assertWrongUsage("command: none");
    assertWrongUsage("Unmatched argument", "fly");
    assertWrongUsage(
        "--fleet: nonsense (expected: a JSON file, or one of", "run", "--fleet", "nonsense");
    assertWrongUsage("--policies: luck (expected: all, rivals", "run", "--policies", "luck");
    assertWrongUsage("workload: x (expected: one of chat", "run", "--workload", "x");
    assertWrongUsage("--faults: x (expected:", "run", "--faults", "x");
    assertWrongUsage("--load: -1.0 (expected: a number above 0)", "run", "--load", "-1");
    assertWrongUsage("--load", "run", "--load", "much");
    assertWrongUsage("not beside --load", "run", "--load", "1", "--rate", "3");
    assertWrongUsage("--seed: [1, 1] (expected: each once)", "run", "--seed", "1,1");
    assertWrongUsage("--workload: [chat, chat]", "run", "--workload", "chat,chat");
    assertWrongUsage("--trace-dir: nowhere", "report", "--trace-dir", "nowhere");
    assertWrongUsage("--digest", "report", "--digest", "--golden", "x", "--update");
    assertWrongUsage("--routers: 0", "run", "--routers", "0");
    assertWrongUsage("--requests: 0", "run", "--requests", "0");
    assertWrongUsage(
        "--plan: huge (expected: one of tiny, short, standard, full)", "report", "--plan", "huge");
    assertWrongUsage("--update: alone", "report", "--update");
    assertWrongUsage("--calibration", "validate");
  }

  @Test
  void helpReadsWell() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains("run", "profile", "policies", "fleets", "workloads", "validate", "report")
        .contains("Exit codes: 0 all went well");
    assertThat(run("run", "--help")).isZero();
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 100);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void listsTellWhatThereIs() {
    assertThat(run("policies")).isZero();
    assertThat(run("fleets")).isZero();
    assertThat(run("workloads")).isZero();
    assertThat(out.toString())
        .contains("The library:\n  default  What default does.")
        .contains("oracle  The best of the references")
        .contains("multi-region-9")
        .contains("clients-restart")
        .contains("H100:70b")
        .contains("longtail  What longtail is.");
  }

  @Test
  void longSentencesAreWrappedBesideTheirName() {
    String text = Listing.of(java.util.Map.of("a-name", "word ".repeat(40).strip()));

    assertThat(text.lines()).hasSize(3).allMatch(line -> line.length() <= 100);
    assertThat(text.lines().toList().get(1)).startsWith(" ".repeat(10) + "word");
  }

  @Test
  void aProfileEndsWithAVerdict() throws IOException {
    Path trace = Files.writeString(folder.resolve("t.csv"), "t_ms,in_tok,out_tok\n0,1,1\n");
    assertThat(run("profile", "--trace", trace.toString())).isZero();
    assertThat(out.toString())
        .isEqualTo("trace\n  requests  10\n\nLeast outstanding is enough.\n  - all are equal\n");
  }

  @Test
  void validationPrintsTheFit() {
    assertThat(run("validate", "--calibration", folder.toString())).isZero();
    assertThat(out.toString()).contains("H100").contains("4.9 %");
    assertThat(run("validate", "--calibration", folder.resolve("no").toString())).isEqualTo(1);
  }

  @Test
  void aSearchPrintsTheHighestLoads() throws IOException {
    Path json = folder.resolve("s.json");
    assertThat(
            run(
                "run",
                "--policies",
                "default,round-robin",
                "--search-slo",
                "2000",
                "--seed",
                "1,2",
                "--json",
                json.toString()))
        .as(err.toString())
        .isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines.get(0))
        .isEqualTo("chat on mixed-8, 1 router(s): highest load with P99 TTFT within 2000 ms");
    assertThat(lines.get(3)).startsWith(" default");
    assertThat(lines.get(4)).startsWith(" round-robin");
    JsonNode array = new ObjectMapper().readTree(json.toFile());
    assertThat(array).hasSize(4);
    assertThat(array.get(0).get("highest_load").asDouble()).isBetween(0.7, 0.95);
  }

  @Test
  void aReportHasItsSectionsAndItsCharts() throws IOException {
    Path report = folder.resolve("docs").resolve("simulation-report.md");
    assertThat(run("report", "--policies", "all", "--out", report.toString()))
        .as(err.toString())
        .isZero();

    String text = Files.readString(report);
    assertThat(out.toString()).contains("P99 end-to-end to the best rival, 1 router", "goals: ");
    assertThat(text)
        .startsWith("# Simulation report\n")
        .contains("\n## Goals\n")
        .contains("\n## Against what nobody can beat\n")
        .contains("| fluid bound |")
        .contains("\n## Against the best rival of each setting\n")
        .contains("\n## Against the oracle\n")
        .contains("\n## Many routers\n")
        .contains("\n## Prefix caches\n")
        .contains("\n## Faults\n")
        .contains("\n## The simulator itself\n")
        .contains("\n## All settings\n")
        .contains("| equal | 1 |")
        .contains("| **all** | 16 |")
        .doesNotContain("NaN")
        .doesNotContain(folder.toString());
    List<String> images =
        text.lines()
            .filter(line -> line.startsWith("!["))
            .map(line -> line.replaceFirst(".*]\\((.*)\\)", "$1"))
            .toList();
    // Two of ratios; over time two for each of six faults, one when all clients restart, and one
    // when an endpoint joins
    assertThat(images).hasSize(16);
    for (String image : images) {
      assertThat(Files.size(report.resolveSibling(image))).isBetween(2_000L, 100_000L);
    }
  }

  @Test
  void goldenNumbersShowAChangeOfAPolicy() {
    String golden = folder.resolve("golden.json").toString();
    String[] check = {"report", "--policies", "all", "--golden", golden};
    String[] update = {"report", "--policies", "all", "--golden", golden, "--update"};
    assertThat(run(update)).as(err.toString()).isZero();
    assertThat(run(check)).as(err.toString()).isZero();
    assertThat(out.toString()).contains("no difference");

    assertThat(run(new SampleCatalogue().slower("default", 1.05), check)).isEqualTo(1);
    assertThat(out.toString())
        .contains("default, seed 1: e2e_ms.p99: golden ")
        .contains("(+5.0 %)");
    assertThat(err.toString()).contains("differences from " + golden);
  }

  @Test
  void aDigestShowsAChangeOfAnyBit() {
    String[] digest = {"report", "--policies", "all", "--digest"};
    assertThat(run(digest)).as(err.toString()).isZero();
    String first = out.toString();
    assertThat(first.lines()).hasSize(18).allMatch(line -> line.matches("[0-9a-f]{24}  .* on .*"));
    out.getBuffer().setLength(0);
    assertThat(run(digest)).isZero();
    assertThat(out.toString()).isEqualTo(first);
    out.getBuffer().setLength(0);
    assertThat(run(new SampleCatalogue().slower("default", 1 + 1e-15), digest)).isZero();
    assertThat(out.toString()).isNotEqualTo(first);
  }

  @Test
  void outputThatCannotBeWrittenIsAFailure() {
    Writer full =
        new Writer() {
          @Override
          public void write(char[] text, int offset, int length) throws IOException {
            throw new IOException("full");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Screen screen = new Screen(new PrintWriter(full), new PrintWriter(err), false);
    assertThat(Simulator.run(new SampleCatalogue(), screen, "policies")).isEqualTo(1);
    assertThat(err.toString()).startsWith("simulator: standard output: cannot be written");
  }
}
