package io.inferencerouter.benchmarks.simulation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Oracle;
import io.inferencerouter.benchmarks.simulation.experiment.Row;
import io.inferencerouter.benchmarks.simulation.experiment.Samples;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import io.inferencerouter.benchmarks.simulation.fleet.Fleets;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir Path folder;

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    rows.addAll(Samples.rows(Samples.policy("default", Standing.OURS), 90, 110));
    rows.addAll(Samples.rows(Samples.policy("quick", Standing.RIVAL), 100, 100));
    rows.addAll(Samples.rows(Samples.policy("told", Standing.INFORMED_RIVAL), 200, 200));
    rows.addAll(Samples.rows(Samples.policy("seer", Standing.REFERENCE), 50, 55));
    return Oracle.added(rows, Set.of("seer"));
  }

  private static Bounds bounds() {
    return new Bounds(
        LongStream.rangeClosed(1, 2)
            .mapToObj(
                seed ->
                    new Trial(
                        Samples.scenario(seed),
                        Samples.policy("default", Standing.OURS),
                        Faults.NONE))
            .toList());
  }

  @Test
  void jsonHasTheFieldsInOrder() throws IOException {
    JsonNode json = new ObjectMapper().readTree(ResultJson.of(rows(), bounds()));

    assertThat(json).hasSize(10);
    assertThat(json.get(0).fieldNames())
        .toIterable()
        .containsExactly(
            "workload",
            "fleet",
            "routers",
            "load",
            "policy",
            "seed",
            "requests",
            "completed",
            "failed",
            "lost",
            "ttft_ms",
            "itl_ms",
            "e2e_ms",
            "goodput",
            "throughput_rps",
            "work_cv",
            "prefix_hit_rate",
            "model_loads",
            "fairness_jain",
            "churn",
            "sim_seconds",
            "wall_seconds",
            "faults",
            "standing",
            "rate",
            "throughput_rps_per_gpu",
            "wasted_share",
            "tenant_p99_spread",
            "ttft_all_ms",
            "e2e_all_ms",
            "fluid_bound_e2e_ms");
    double bound = json.get(0).at("/fluid_bound_e2e_ms/p99").asDouble();
    assertThat(bound).isPositive().isLessThan(90_000);
    // The same requests have the same bound, whoever balances them
    assertThat(json.get(2).at("/fluid_bound_e2e_ms/p99").asDouble()).isEqualTo(bound);
    assertThat(json.get(0).get("e2e_ms").get("p99").asDouble()).isEqualTo(90);
    assertThat(json.get(0).get("e2e_ms").fieldNames())
        .toIterable()
        .containsExactly("p50", "p95", "p99", "p999");
    assertThat(json.get(9).get("policy").asText()).isEqualTo("oracle");
  }

  @Test
  void whatIsNoNumberIsNull() throws IOException {
    Row row =
        new Row(
            Samples.result(Samples.scenario(1), "default", Double.NaN, 0),
            Standing.OURS,
            Faults.NONE);
    assertThat(
            new ObjectMapper()
                .readTree(ResultJson.of(List.of(row), bounds()))
                .get(0)
                .at("/ttft_ms/p99")
                .isNull())
        .isTrue();
    assertThat(ResultCsv.of(List.of(row), bounds())).doesNotContain("NaN");
  }

  /** The default answers all, the rival fails two in a hundred. */
  private static List<Row> rowsWithFailures() {
    List<Row> rows = new ArrayList<>();
    rows.addAll(Samples.rows(Samples.policy("default", Standing.OURS), 90));
    rows.add(Samples.row(Samples.scenario(1), Samples.policy("quick", Standing.RIVAL), 10, 20));
    return rows;
  }

  @Test
  void aPercentileOfWhatFailedIsNull() throws IOException {
    String text = ResultJson.of(rowsWithFailures(), bounds());
    JsonNode json = new ObjectMapper().readTree(text).get(1);

    assertThat(text).doesNotContain("Infinity");
    assertThat(json.at("/e2e_ms/p99").asDouble()).isEqualTo(10);
    assertThat(json.at("/e2e_all_ms/p95").asDouble()).isEqualTo(5);
    assertThat(json.at("/e2e_all_ms/p99").isNull()).isTrue();
    assertThat(json.at("/ttft_all_ms/p999").isNull()).isTrue();
    assertThat(json.at("/itl_ms/p999").isNumber()).isTrue();
    assertThat(ResultCsv.of(rowsWithFailures(), bounds()).lines().toList().get(2))
        .contains(",1000,980,20,0,0.25,0.5,1.0,2.0,0.025,0.05,0.1,0.2,2.5,5.0,10.0,20.0,0.9,")
        .contains(",0.25,0.5,,,2.5,5.0,,,");
  }

  @Test
  void aPercentileOfWhatFailedIsInfiniteInTables() {
    assertThat(ResultTable.of(new Comparison(rowsWithFailures()), bounds()))
        .contains("the best rival is quick with ∞ ms; default/best 0.00\n")
        .contains("∞: so many of the requests failed")
        .doesNotContain("Infinity");
    assertThat(ResultTable.of(new Comparison(rows()), bounds())).doesNotContain("∞");
  }

  @Test
  void goldenNumbersTellATimeFromAFailure() throws IOException {
    Path file = Files.writeString(folder.resolve("golden.json"), Golden.of(rowsWithFailures()));

    assertThat(Golden.differences(file, rowsWithFailures())).isEmpty();
    List<Row> better = new ArrayList<>(rowsWithFailures().subList(0, 1));
    better.addAll(Samples.rows(Samples.policy("quick", Standing.RIVAL), 10));
    assertThat(Golden.differences(file, better))
        .contains(
            "chat on equal-4, 1 router(s), load 0.7, none, quick, seed 1: e2e_all_ms.p99: golden null,"
                + " now 10.0");
  }

  @Test
  void csvHasOneLineForEachRun() {
    List<String> lines = ResultCsv.of(rows(), bounds()).lines().toList();

    assertThat(lines).hasSize(11);
    assertThat(lines.get(0))
        .startsWith("workload,fleet,routers,load,policy,seed,requests,completed,failed,lost,")
        .contains(",ttft_ms_p50,ttft_ms_p95,ttft_ms_p99,ttft_ms_p999,itl_ms_p50,");
    assertThat(lines.get(1)).startsWith("chat,equal-4,1,0.7,default,1,1000,1000,0,0,2.25,4.5,9.0,");
    assertThat(lines)
        .allSatisfy(
            line -> assertThat(line.split(",", -1)).hasSize(lines.get(0).split(",").length));
  }

  @Test
  void tablesNameTheBestRivalAndTheNoise() {
    String table = ResultTable.of(new Comparison(rows()), bounds());

    assertThat(table)
        .startsWith("chat on equal-4, 1 router, load 0.7, medians of 2 seeds\n")
        .contains("told *")
        .contains("* is told the true weights")
        .contains("P99 end-to-end: the best rival is quick with 100 ms; default/best 1.00 ±0.10")
        .contains("; default/oracle 1.90 ±0.10");
    List<String> policies =
        table
            .lines()
            .map(String::strip)
            .filter(line -> line.contains("|"))
            .map(line -> line.replaceFirst("[ |].*", ""))
            .toList();
    assertThat(policies)
        .containsExactly("policy", "default", "quick", "told", "seer", "oracle", "fluid");
  }

  @Test
  void oneSeedHasNoNoise() {
    List<Row> rows = new ArrayList<>();
    rows.addAll(Samples.rows(Samples.policy("default", Standing.OURS), 90));
    rows.addAll(Samples.rows(Samples.policy("quick", Standing.RIVAL), 100));
    assertThat(ResultTable.of(new Comparison(rows), bounds()))
        .contains("default/best 0.90\n")
        .contains("One seed does not tell differences from chance")
        .doesNotContain("±");
  }

  @Test
  void goldenNumbersOfTheSameRowsDoNotDiffer() throws IOException {
    Path file = Files.writeString(folder.resolve("golden.json"), Golden.of(rows()));

    assertThat(Golden.differences(file, rows())).isEmpty();
    assertThat(Files.readString(file)).doesNotContain("wall_seconds");
  }

  @Test
  void roundingIsNoDifferenceButAChangeIs() throws IOException {
    Path file = folder.resolve("golden.json");
    Files.writeString(file, Golden.of(Samples.rows(Samples.policy("p", Standing.OURS), 100)));

    List<Row> rounded = Samples.rows(Samples.policy("p", Standing.OURS), 100 * (1 + 1e-12));
    assertThat(Golden.differences(file, rounded)).isEmpty();
    List<Row> changed = Samples.rows(Samples.policy("p", Standing.OURS), 110);
    assertThat(Golden.differences(file, changed))
        .hasSize(20)
        .contains(
            "chat on equal-4, 1 router(s), load 0.7, none, p, seed 1: e2e_ms.p50: golden 25.0, now"
                + " 27.5 (+10.0 %)");
  }

  @Test
  void countsAreExact() throws IOException {
    Path file = folder.resolve("golden.json");
    Files.writeString(file, Golden.of(List.of(failing(0))));

    assertThat(Golden.differences(file, List.of(failing(1))))
        .anySatisfy(line -> assertThat(line).contains("failed: golden 0, now 1"))
        .anySatisfy(line -> assertThat(line).contains("completed: golden 1000, now 999"));
  }

  private static Row failing(long failed) {
    return new Row(
        Samples.result(Samples.scenario(1), "p", 100, failed), Standing.OURS, Faults.NONE);
  }

  @Test
  void missingAndNewRowsAreDifferences() throws IOException {
    Path file = folder.resolve("golden.json");
    Files.writeString(file, Golden.of(Samples.rows(Samples.policy("old", Standing.OURS), 1)));

    assertThat(Golden.differences(file, Samples.rows(Samples.policy("new", Standing.OURS), 1)))
        .containsExactly(
            "chat on equal-4, 1 router(s), load 0.7, none, old, seed 1: golden, but not run now",
            "chat on equal-4, 1 router(s), load 0.7, none, new, seed 1: run now, but not golden");
  }

  @Test
  void aBrokenGoldenFileIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("golden.json"), "[\n{]");
    assertThatThrownBy(() -> Golden.differences(file, rows()))
        .hasMessageStartingWith(file + ":2: not JSON");
  }

  @Test
  void chartsAreDrawn() throws IOException {
    List<Path> files = new Charts(folder.resolve("charts")).of(new Comparison(rows()));

    assertThat(files).hasSize(2);
    for (Path file : files) {
      BufferedImage image = ImageIO.read(file.toFile());
      assertThat(image.getWidth()).isEqualTo(900);
      // The default's bar has its own colour
      assertThat(has(image, 0xe8590c)).isTrue();
      assertThat(Files.size(file)).isLessThan(100_000);
    }
  }

  @Test
  void whatIsInfiniteHasNoBar() throws IOException {
    List<Path> files = new Charts(folder.resolve("charts")).of(new Comparison(rowsWithFailures()));

    assertThat(files).hasSize(2);
    BufferedImage image = ImageIO.read(files.get(0).toFile());
    assertThat(has(image, 0xe8590c)).isTrue();
    assertThat(has(image, 0x4c7fb5)).isFalse();
  }

  @Test
  void whereAllAreInfiniteThereIsNoChart() {
    List<Row> rows = new ArrayList<>();
    for (double load : new double[] {0.5, 0.7}) {
      Scenario scenario =
          Scenario.atLoad(
              Samples.workload("chat", 10), Fleets.byName("equal-4").orElseThrow(), 1, load, 20, 1);
      rows.add(Samples.row(scenario, Samples.policy("default", Standing.OURS), 10, 20));
    }

    assertThat(new Charts(folder.resolve("charts")).of(new Comparison(rows))).isEmpty();
  }

  @Test
  void aLineEndsWhereItsPolicyIsInfinitelyLate() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (double load : new double[] {0.5, 0.6, 0.7}) {
      Scenario scenario =
          Scenario.atLoad(
              Samples.workload("chat", 10),
              Fleets.byName("equal-4").orElseThrow(),
              1,
              load,
              30 * load,
              1);
      rows.add(
          Samples.row(scenario, Samples.policy("default", Standing.OURS), 10, load > 0.6 ? 20 : 0));
    }
    Comparison comparison = new Comparison(rows);
    List<Path> files = new Charts(folder.resolve("charts")).of(comparison);

    // Two settings have bars of both times, and all together a line
    assertThat(files).hasSize(5);
    assertThat(has(ImageIO.read(files.get(4).toFile()), 0xe8590c)).isTrue();
  }

  private static boolean has(BufferedImage image, int color) {
    for (int x = 0; x < image.getWidth(); x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        if ((image.getRGB(x, y) & 0xffffff) == color) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void plansAreCoherent() {
    for (String name : Plan.NAMES) {
      Plan plan = Plan.byName(name);
      assertThat(plan.name()).isEqualTo(name);
      assertThat(plan.seeds()).hasSizeGreaterThanOrEqualTo(name.equals("tiny") ? 1 : 3);
      for (Plan.Group group : plan.groups()) {
        assertThat(group.workloads().size() + group.traces().size()).isPositive();
        assertThat(group.loads()).allMatch(load -> load > 0 && load < 1);
        assertThat(Faults.names().keySet()).containsAll(group.faults());
        assertThat(group.fleets()).allMatch(fleet -> Fleets.byName(fleet).isPresent());
      }
    }
    assertThatThrownBy(() -> Plan.byName("huge")).hasMessageContaining("plan: huge (expected: one");
  }

  @Test
  void filesAreThereAsAWholeOrNotAtAll() throws IOException {
    Path file = folder.resolve("deep").resolve("er").resolve("file.txt");
    AtomicFile.write(file, "one");
    AtomicFile.write(file, "two");

    assertThat(file).hasContent("two");
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
    assertThatThrownBy(() -> AtomicFile.write(file.resolve("below"), "x"))
        .hasMessage(file.resolve("below") + ": cannot be written: its folder is a file");
    assertThatThrownBy(() -> AtomicFile.prepare(folder)).hasMessageContaining("is a folder");
  }

  @Test
  void aLinkStaysALinkAndADeviceADevice() throws IOException {
    Path file = Files.writeString(folder.resolve("real.txt"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link.txt"), file);
    AtomicFile.write(link, "new");
    assertThat(link).isSymbolicLink();
    assertThat(file).hasContent("new");

    Path device = Files.createSymbolicLink(folder.resolve("device"), Path.of("/dev/null"));
    AtomicFile.write(device, "gone");
    assertThat(device).isSymbolicLink();
    assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
    Files.delete(device);
  }
}
