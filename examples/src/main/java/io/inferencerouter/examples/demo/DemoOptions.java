package io.inferencerouter.examples.demo;

import io.inferencerouter.examples.demo.scenario.FleetKind;
import io.inferencerouter.examples.demo.scenario.Settings;
import io.inferencerouter.examples.demo.transport.Transport;
import io.inferencerouter.examples.demo.workload.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** The options of the demo. */
final class DemoOptions {
  private static final int DEFAULT_REQUESTS = 500;
  private static final int FAULTS_REQUESTS = 300;
  private static final int SMOKE_REQUESTS = 60;
  private static final int MAX_REQUESTS = 100_000;
  private static final int MAX_SECONDS = 3600;
  private static final double MAX_LOAD = 1.5;

  @Option(
      names = "--workload",
      paramLabel = "WORK",
      defaultValue = "documents",
      converter = WorkByName.class,
      description =
          "The requests: documents (to be embedded) or chat (streams of a language model)."
              + " Default: ${DEFAULT-VALUE}.")
  private Work work = Work.DOCUMENTS;

  @Option(
      names = "--transport",
      paramLabel = "HOW",
      defaultValue = "http",
      converter = TransportByName.class,
      description =
          "How requests travel: http (OkHttp) or grpc (the Open Inference Protocol, KServe v2;"
              + " documents only). Default: ${DEFAULT-VALUE}.")
  private Transport transport = Transport.HTTP;

  @Option(
      names = "--fleet",
      paramLabel = "FLEET",
      defaultValue = "mixed",
      converter = FleetByName.class,
      description =
          "The endpoints: mixed (different speeds) or uniform. Default: ${DEFAULT-VALUE}.")
  private FleetKind fleet = FleetKind.MIXED;

  @Option(
      names = "--load",
      paramLabel = "SHARE",
      description =
          "The share of the fleet's capacity that the requests need, above 0 and at most 1.5."
              + " Default: 0.36 mixed, 0.65 uniform.")
  private @Nullable Double load;

  @Option(
      names = "--requests",
      paramLabel = "N",
      description = "How many requests each policy gets. Default: 500, with --faults 300.")
  private @Nullable Integer requests;

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      description = "For how long requests arrive, instead of --requests.")
  private @Nullable Integer seconds;

  @Option(
      names = "--policies",
      paramLabel = "POLICY",
      split = ",",
      converter = PolicyByName.class,
      description =
          "Which to compare, separated by commas: round-robin, least-outstanding,"
              + " predicted-time (the router's default). Default: all.")
  private List<Policy> policies = List.of(Policy.values());

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Equal seeds give equal requests and arrivals. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "target/demo",
      description = "Where the chart and the CSV file go. Default: ${DEFAULT-VALUE}.")
  private Path directory = Path.of("target", "demo");

  @Option(
      names = "--faults",
      description =
          "Halfway one endpoint turns slow and is taken out of service, and another dies and comes back"
              + " (documents only).")
  private boolean faults;

  @Option(names = "--smoke", description = "Run 60 requests only, to see that all works.")
  private boolean smoke;

  /** Checks the ranges and that the options go together. */
  void validate(CommandLine command) {
    long lengths = Stream.of(requests != null, seconds != null, smoke).filter(set -> set).count();
    if (lengths > 1) {
      throw new ParameterException(
          command, "--requests, --duration, --smoke: more than one (expected: one of them)");
    }
    if (transport == Transport.GRPC && work != Work.DOCUMENTS) {
      throw new ParameterException(
          command,
          "--transport: grpc with --workload " + work + " (expected: --workload documents)");
    }
    if (faults && work != Work.DOCUMENTS) {
      throw new ParameterException(
          command, "--faults: with --workload " + work + " (expected: --workload documents)");
    }
    inRange(command, "--requests", requests, MAX_REQUESTS);
    inRange(command, "--duration", seconds, MAX_SECONDS);
    if (!(load() > 0 && load() <= MAX_LOAD)) {
      throw new ParameterException(
          command, "--load: " + load + " (expected: above 0 and at most " + MAX_LOAD + ")");
    }
  }

  Work work() {
    return work;
  }

  Transport transport() {
    return transport;
  }

  FleetKind fleet() {
    return fleet;
  }

  double load() {
    return load == null ? fleet.defaultLoad() : load;
  }

  Workload.Size size() {
    if (seconds != null) {
      return Workload.Size.window(Duration.ofSeconds(seconds));
    }
    if (requests != null) {
      return Workload.Size.requests(requests);
    }
    int usual = faults ? FAULTS_REQUESTS : DEFAULT_REQUESTS;
    return Workload.Size.requests(smoke ? SMOKE_REQUESTS : usual);
  }

  Settings settings() {
    return new Settings(transport, fleet, load(), size(), seed);
  }

  boolean faults() {
    return faults;
  }

  /** Each policy once, the router's default last. */
  Set<Policy> policies() {
    return EnumSet.copyOf(policies);
  }

  long seed() {
    return seed;
  }

  Path directory() {
    return directory;
  }

  private static void inRange(
      CommandLine command, String option, @Nullable Integer value, int max) {
    if (value != null && (value < 1 || value > max)) {
      throw new ParameterException(
          command, option + ": " + value + " (expected: 1 to " + max + ")");
    }
  }

  private static <T> T named(String name, List<T> values) {
    for (T value : values) {
      if (value.toString().equalsIgnoreCase(name)) {
        return value;
      }
    }
    throw new TypeConversionException(name + " (expected: one of " + values + ")");
  }

  private static final class WorkByName implements ITypeConverter<Work> {
    @Override
    public Work convert(String name) {
      return named(name, List.of(Work.values()));
    }
  }

  private static final class TransportByName implements ITypeConverter<Transport> {
    @Override
    public Transport convert(String name) {
      return named(name, List.of(Transport.values()));
    }
  }

  private static final class FleetByName implements ITypeConverter<FleetKind> {
    @Override
    public FleetKind convert(String name) {
      return named(name, List.of(FleetKind.values()));
    }
  }

  private static final class PolicyByName implements ITypeConverter<Policy> {
    @Override
    public Policy convert(String name) {
      return named(name, List.of(Policy.values()));
    }
  }
}
