package io.inferencerouter.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.demo.scenario.FleetKind;
import io.inferencerouter.examples.demo.transport.Transport;
import io.inferencerouter.examples.demo.workload.Workload;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class DemoOptionsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--requests=0 | --requests: 0 (expected: 1 to 100000)",
        "--requests=many | Invalid value for option '--requests'",
        "--duration=0 | --duration: 0 (expected: 1 to 3600)",
        "--requests=5 --duration=5 | --requests, --duration, --smoke: more than one",
        "--smoke --requests=5 | --requests, --duration, --smoke: more than one",
        "--load=0 | --load: 0.0 (expected: above 0 and at most 1.5)",
        "--load=NaN | --load: NaN",
        "--load=2 | --load: 2.0",
        "--fleet=huge | Invalid value for option '--fleet': huge (expected: one of [mixed, uniform])",
        "--workload=video | Invalid value for option '--workload': video (expected: one of [documents, chat])",
        "--transport=pigeon | Invalid value for option '--transport': pigeon (expected: one of [http, grpc])",
        "--workload=chat --transport=grpc | --transport: grpc with --workload chat (expected: --workload documents)",
        "--workload=chat --faults | --faults: with --workload chat (expected: --workload documents)",
        "--policies=random | Invalid value for option '--policies'",
        "--seed=x | Invalid value for option '--seed'",
        "--nonsense | Unknown option: '--nonsense'"
      })
  void aWrongOptionIsRefusedWithTheReason(String args, String reason) {
    assertThat(execute(args.split(" "))).isEqualTo(2);
    assertThat(err.toString()).startsWith(reason).contains("Try --help.");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void helpNamesAllOptionsAndTheDefaults() {
    assertThat(execute("--help")).isZero();
    assertThat(out.toString())
        .contains("--workload", "documents", "chat")
        .contains("--transport", "http", "grpc")
        .contains(
            "--fleet",
            "--load",
            "--requests",
            "--duration",
            "--policies",
            "--seed",
            "--out",
            "--faults")
        .contains("round-robin", "least-outstanding", "predicted-time")
        .containsIgnoringWhitespaces(
            String.format(
                Locale.ROOT,
                "Default: %s mixed, %s uniform",
                FleetKind.MIXED.defaultLoad(),
                FleetKind.UNIFORM.defaultLoad()))
        .containsIgnoringWhitespaces("Default: " + parsed().size().requests());
  }

  @Test
  void theDefaultsAreThoseOfTheMixedFleet() {
    DemoOptions options = parsed();

    assertThat(options.work()).isEqualTo(Work.DOCUMENTS);
    assertThat(options.transport()).isEqualTo(Transport.HTTP);
    assertThat(options.fleet()).isEqualTo(FleetKind.MIXED);
    assertThat(options.load()).isEqualTo(FleetKind.MIXED.defaultLoad());
    assertThat(options.size().requests()).isGreaterThanOrEqualTo(500);
    assertThat(options.policies()).containsExactly(Policy.values());
    assertThat(options.seed()).isEqualTo(1);
  }

  @Test
  void optionsAreTakenOver() {
    DemoOptions options =
        parsed(
            "--workload=chat",
            "--fleet=Uniform",
            "--load=0.5",
            "--duration=20",
            "--policies=predicted-time,round-robin,round-robin",
            "--seed=9",
            "--out=elsewhere");

    assertThat(options.work()).isEqualTo(Work.CHAT);
    assertThat(options.fleet()).isEqualTo(FleetKind.UNIFORM);
    assertThat(options.load()).isEqualTo(0.5);
    assertThat(options.size()).isEqualTo(Workload.Size.window(Duration.ofSeconds(20)));
    assertThat(options.policies()).containsExactly(Policy.ROUND_ROBIN, Policy.PREDICTED_TIME);
    assertThat(options.seed()).isEqualTo(9);
    assertThat(options.directory()).hasToString("elsewhere");
    assertThat(parsed("--transport=GRPC").settings().transport()).isEqualTo(Transport.GRPC);
    assertThat(parsed("--requests=7").size()).isEqualTo(Workload.Size.requests(7));
    assertThat(parsed().load()).isEqualTo(FleetKind.MIXED.defaultLoad());
    assertThat(parsed("--fleet=uniform").load()).isEqualTo(FleetKind.UNIFORM.defaultLoad());
  }

  private int execute(String... args) {
    return Demo.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  private static DemoOptions parsed(String... args) {
    DemoOptions options = new DemoOptions();
    CommandLine command = new CommandLine(options);
    command.parseArgs(args);
    options.validate(command);
    return options;
  }
}
