package io.inferencerouter.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.demo.documents.SmallDocuments;
import io.inferencerouter.examples.demo.report.PolicyResult;
import io.inferencerouter.examples.demo.scenario.FleetKind;
import io.inferencerouter.examples.demo.scenario.Scenario;
import io.inferencerouter.examples.demo.scenario.Settings;
import io.inferencerouter.examples.demo.transport.Transport;
import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.Workload;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DemoTest {
  private static final int REQUESTS = 40;

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void aSmallRunAnswersEverythingAndReports(Work work) throws Exception {
    StringWriter out = new StringWriter();

    int exitCode =
        Demo.commandLine()
            .setOut(new PrintWriter(out, true))
            .execute(
                "--workload=" + work, "--requests=24", "--fleet=uniform", "--out=" + directory);

    assertThat(exitCode).isZero();
    assertThat(out.toString())
        .contains("round-robin", "least-outstanding", "predicted-time")
        .contains("P99 latency", "coefficient of variation", "Conclusion: with predicted-time")
        .contains("72 of all 72 requests were answered rightly");
    if (work == Work.CHAT) {
      assertThat(out.toString())
          .contains("P99 TTFT", "P99 inter-token time", "tokens per second")
          .contains("99 % of the requests had their first token within");
    }
    Path chart = directory.resolve("demo-" + work + "-uniform.png");
    Path csv = directory.resolve("demo-" + work + "-uniform.csv");
    assertThat(out.toString()).contains(chart.toString(), csv.toString());
    assertThat(ImageIO.read(chart.toFile()).getWidth()).isGreaterThan(500);
    assertThat(Files.readAllLines(csv)).hasSize(1 + 3 * 24).noneMatch(line -> line.endsWith("\""));
  }

  @Test
  void aRunOverGrpcReportsAlike() throws Exception {
    StringWriter out = new StringWriter();

    int exitCode =
        Demo.commandLine()
            .setOut(new PrintWriter(out, true))
            .execute(
                "--transport=grpc",
                "--requests=10",
                "--fleet=uniform",
                "--policies=predicted-time",
                "--out=" + directory);

    assertThat(exitCode).isZero();
    assertThat(out.toString())
        .contains("over gRPC", "P99 latency")
        .contains("10 of all 10 requests were answered rightly");
    Path chart = directory.resolve("demo-documents-uniform-grpc.png");
    Path csv = directory.resolve("demo-documents-uniform-grpc.csv");
    assertThat(out.toString()).contains(chart.toString(), csv.toString());
    assertThat(ImageIO.read(chart.toFile()).getWidth()).isGreaterThan(500);
    assertThat(Files.readAllLines(csv).stream().skip(1))
        .hasSize(10)
        // Who served it, how long it waited and was served, and the status
        .allMatch(line -> line.matches(".*,equal-[1-5],[0-9.]+,[0-9.]+,200,"));
  }

  @ParameterizedTest
  @EnumSource
  void endpointsThatFailHalfwayLoseNothing(Transport transport) throws Exception {
    StringWriter out = new StringWriter();

    int exitCode =
        Demo.commandLine()
            .setOut(new PrintWriter(out, true))
            .execute(
                "--faults",
                "--transport=" + transport,
                "--requests=40",
                "--fleet=uniform",
                "--policies=round-robin",
                "--out=" + directory);

    assertThat(exitCode).isZero();
    assertThat(out.toString())
        .contains("Faults    after 50 % of the time equal-2 takes 4 times longer and equal-3 dies")
        .contains("attempts retried", "attempts moved", "endpoints ejected")
        .contains("40 of all 40 requests were answered rightly");
    String name = "demo-documents-uniform" + (transport == Transport.GRPC ? "-grpc" : "");
    assertThat(directory.resolve(name + "-faults.csv")).exists();
    assertThat(Files.readAllLines(directory.resolve(name + "-faults.reactions.csv")))
        .hasSize(2)
        .anyMatch(line -> line.matches("round-robin,[0-9]+,[0-9]+,[0-9]+,0,0"));
  }

  @ParameterizedTest
  @EnumSource
  void everyPolicyGetsEveryRequestAnsweredByTheFleet(Policy policy) throws Exception {
    everyRequestIsAnswered(policy, Transport.HTTP);
  }

  @ParameterizedTest
  @EnumSource
  void everyPolicyDoesSoOverGrpc(Policy policy) throws Exception {
    everyRequestIsAnswered(policy, Transport.GRPC);
  }

  private static void everyRequestIsAnswered(Policy policy, Transport transport) throws Exception {
    Scenario scenario = scenario(transport, FleetKind.UNIFORM);
    List<Answer> answers = new ArrayList<>();
    try (LoopbackFleet fleet = LoopbackFleet.start(scenario)) {
      PolicyResult result =
          new PolicyRun(scenario, fleet, Optional.empty())
              .run(
                  policy,
                  scenario.workload(),
                  () -> {},
                  (name, answer, problem) -> answers.add(answer));

      assertThat(result.complete()).isTrue();
      assertThat(result.latencies().count()).isEqualTo(REQUESTS);
      assertThat(result.firstOutputs().count()).isZero();
      // Over gRPC a call that finds no stream on its connection is decided anew
      assertThat(result.routing().count()).isGreaterThanOrEqualTo(REQUESTS);
      assertThat(result.throughput()).isPositive();
      assertThat(result.utilisation().byEndpoint()).hasSize(5);
    }
    Map<String, Long> perEndpoint =
        answers.stream().collect(Collectors.groupingBy(Answer::endpoint, Collectors.counting()));
    assertThat(perEndpoint).containsOnlyKeys("equal-1", "equal-2", "equal-3", "equal-4", "equal-5");
    if (policy == Policy.ROUND_ROBIN && transport == Transport.HTTP) {
      assertThat(perEndpoint.values()).containsOnly((long) REQUESTS / 5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFleetThatIsGoneIsReportedAsErrors(Transport transport) throws Exception {
    Scenario scenario = scenario(transport, FleetKind.MIXED);
    LoopbackFleet fleet = LoopbackFleet.start(scenario);
    fleet.close();
    List<String> problems = new ArrayList<>();

    PolicyResult result =
        new PolicyRun(scenario, fleet, Optional.empty())
            .run(
                Policy.PREDICTED_TIME,
                scenario.workload(),
                () -> {},
                (name, answer, problem) -> problems.add(problem));

    assertThat(result.complete()).isFalse();
    assertThat(result.errors()).isEqualTo(REQUESTS);
    assertThat(problems).hasSize(REQUESTS).noneMatch(String::isEmpty);
  }

  private static Scenario scenario(Transport transport, FleetKind kind) throws Exception {
    return SmallDocuments.of(
        new Settings(transport, kind, 0.9, Workload.Size.requests(REQUESTS), 1));
  }
}
