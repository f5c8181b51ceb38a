package io.inferencerouter.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.demo.engine.Calibration;
import io.inferencerouter.examples.demo.engine.LoadedModel;
import io.inferencerouter.examples.demo.report.PolicyResult;
import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.AnswerCheck;
import io.inferencerouter.examples.demo.workload.Fleet;
import io.inferencerouter.examples.demo.workload.Workload;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DemoTest {
  private static final Calibration FAST = new Calibration(20_000);
  private static final int REQUESTS = 40;

  @TempDir private Path directory;

  @Test
  void aSmallRunAnswersEverythingAndReports() throws Exception {
    StringWriter out = new StringWriter();

    int exitCode =
        Demo.commandLine()
            .setOut(new PrintWriter(out, true))
            .execute("--requests=24", "--fleet=uniform", "--out=" + directory);

    assertThat(exitCode).isZero();
    assertThat(out.toString())
        .contains("round-robin", "least-outstanding", "predicted-time")
        .contains("P99 latency", "coefficient of variation", "Conclusion: with predicted-time")
        .contains("72 of all 72 requests were answered rightly");
    Path chart = directory.resolve("demo-uniform.png");
    Path csv = directory.resolve("demo-uniform.csv");
    assertThat(out.toString()).contains(chart.toString(), csv.toString());
    assertThat(ImageIO.read(chart.toFile()).getWidth()).isGreaterThan(500);
    assertThat(Files.readAllLines(csv)).hasSize(1 + 3 * 24).noneMatch(line -> line.endsWith("\""));
  }

  @ParameterizedTest
  @EnumSource
  void everyPolicyGetsEveryRequestAnsweredByTheFleet(Policy policy) throws Exception {
    Workload workload = workload(Fleet.UNIFORM);
    List<Answer> answers = new ArrayList<>();
    try (LoopbackFleet fleet = LoopbackFleet.start(Fleet.UNIFORM, LoadedModel.get(), FAST)) {
      PolicyResult result =
          new PolicyRun(fleet, new AnswerCheck(LoadedModel.get()))
              .run(policy, workload, () -> {}, (name, answer, problem) -> answers.add(answer));

      assertThat(result.complete()).isTrue();
      assertThat(result.latencies().count()).isEqualTo(REQUESTS);
      assertThat(result.routing().count()).isEqualTo(REQUESTS);
      assertThat(result.throughput()).isPositive();
      assertThat(result.utilisation().byEndpoint()).hasSize(5);
    }
    Map<String, Long> perEndpoint =
        answers.stream().collect(Collectors.groupingBy(Answer::endpoint, Collectors.counting()));
    assertThat(perEndpoint).containsOnlyKeys("equal-1", "equal-2", "equal-3", "equal-4", "equal-5");
    if (policy == Policy.ROUND_ROBIN) {
      assertThat(perEndpoint.values()).containsOnly((long) REQUESTS / 5);
    }
  }

  @Test
  void aFleetThatIsGoneIsReportedAsErrors() throws Exception {
    LoopbackFleet fleet = LoopbackFleet.start(Fleet.MIXED, LoadedModel.get(), FAST);
    fleet.close();
    List<String> problems = new ArrayList<>();

    PolicyResult result =
        new PolicyRun(fleet, new AnswerCheck(LoadedModel.get()))
            .run(
                Policy.PREDICTED_TIME,
                workload(Fleet.MIXED),
                () -> {},
                (name, answer, problem) -> problems.add(problem));

    assertThat(result.complete()).isFalse();
    assertThat(result.errors()).isEqualTo(REQUESTS);
    assertThat(problems).hasSize(REQUESTS).noneMatch(String::isEmpty);
  }

  private static Workload workload(Fleet fleet) throws Exception {
    return Workload.create(
        1, Workload.Size.requests(REQUESTS), 0.9, fleet, LoadedModel.get(), FAST);
  }
}
