package io.inferencerouter.benchmarks.simulation.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkloadsTest {
  static Stream<String> names() {
    return Workloads.names().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyNameGivesSortedAndReasonableRequestsThatRepeat(String name) {
    Workload workload = Workloads.byName(name, 3, 3_000);
    List<SimulatedRequest> requests = Traces.all(workload);
    assertThat(workload.name()).isEqualTo(name);
    assertThat(requests).hasSize(3_000).isEqualTo(Traces.all(Workloads.byName(name, 3, 3_000)));
    assertThat(requests)
        .isSortedAccordingTo(
            (one, other) -> Long.compare(one.arrivalNanos(), other.arrivalNanos()));
    boolean generates = workload.kind() == Workload.Kind.GENERATION;
    boolean jobs = workload.kind() == Workload.Kind.JOBS;
    assertThat(requests)
        .allMatch(request -> request.inputTokens() >= 1)
        .allMatch(request -> request.outputTokens() > 0 == generates)
        .allMatch(request -> request.workNanos() > 0 == jobs);
    assertThat(Workloads.names().get(name)).endsWith(".");
  }

  @Test
  void anUnknownNameIsToldTheKnownOnes() {
    assertThatThrownBy(() -> Workloads.byName("chess", 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("workload: chess (expected: one of chat, ");
  }

  @Property(tries = 20)
  void theRateIsWhatWasAskedForAndTheShapeRemains(
      @ForAll @DoubleRange(min = 0.1, max = 5_000) double rate) {
    Workload original = Workloads.byName("bursty", 2, 1_000);
    Workload scaled = Workloads.atRate(original, rate);
    assertThat(Workloads.rate(scaled)).isCloseTo(rate, within(rate * 1e-6));
    List<SimulatedRequest> before = Traces.all(original);
    List<SimulatedRequest> after = Traces.all(scaled);
    double factor = Workloads.rate(original) / rate;
    for (int i = 0; i < before.size(); i++) {
      long since = before.get(i).arrivalNanos() - before.get(0).arrivalNanos();
      assertThat(after.get(i).arrivalNanos()).isCloseTo(Math.round(since * factor), within(1_000L));
      assertThat(after.get(i).at(0)).isEqualTo(before.get(i).at(0));
    }
  }

  @Test
  void theRateIsThatOfThePartThatIsUsed() {
    Workload half = Workloads.limited(Workloads.byName("diurnal", 2, 8_000), 2_000);
    assertThat(Workloads.rate(half)).isGreaterThan(11);
    assertThat(Workloads.rate(Workloads.atRate(half, 50))).isCloseTo(50, within(0.01));
    assertThat(Traces.all(half)).hasSize(2_000);
  }

  @Test
  void aLimitBeyondTheEndIsTheEnd() {
    assertThat(Traces.all(Workloads.limited(Workloads.byName("chat", 1, 10), 99))).hasSize(10);
  }

  @Test
  void requestsAtOneTimeHaveNoRate(@TempDir Path directory) throws IOException {
    Workload trace = TraceFile.open(Traces.write(directory, "t_ms,in_tok", "5,1", "5,1"));
    assertThatThrownBy(() -> Workloads.atRate(trace, 3))
        .isInstanceOf(WorkloadException.class)
        .hasMessageContaining("trace: 2 requests at one time");
    assertThatThrownBy(() -> Workloads.atRate(trace, 0)).hasMessageContaining("requestsPerSecond");
    assertThatThrownBy(() -> Workloads.limited(trace, 0)).hasMessageContaining("maxRequests: 0");
  }

  @Test
  void chatIsLikeThePublicTrace() {
    TrafficProfile chat = TrafficProfile.of(Workloads.byName("chat", 4, 30_000));
    assertThat(chat.input().mean()).isCloseTo(1_155, within(40.0));
    assertThat(chat.input().p50()).isCloseTo(1_020, within(30.0));
    assertThat(chat.input().p99()).isCloseTo(4_142, within(200.0));
    assertThat(chat.output().mean()).isCloseTo(211, within(10.0));
    assertThat(chat.output().p50()).isCloseTo(129, within(5.0));
    assertThat(chat.output().p99()).isCloseTo(601, within(30.0));
    assertThat(chat.gapVariation()).isCloseTo(1.1, within(0.05));
    assertThat(chat.requestsPerSecond()).isCloseTo(10, within(0.3));
  }

  @Test
  void agentsAreLikeThePublicTrace() {
    TrafficProfile agents = TrafficProfile.of(Workloads.byName("agents", 4, 20_000));
    assertThat(agents.input().mean()).isCloseTo(12_000, within(900.0));
    assertThat(agents.input().p99()).isCloseTo(85_000, within(9_000.0));
    assertThat(agents.prefixReuse()).isCloseTo(0.366, within(0.06));
    assertThat(agents.prefixReuseInTurn()).isCloseTo(0.136, within(0.05));
  }

  @Test
  void theTailIsLong() {
    long huge =
        Traces.all(Workloads.byName("longtail", 4, 20_000)).stream()
            .filter(request -> request.inputTokens() >= 60_000)
            .count();
    assertThat(huge).isBetween(60L, 140L);
  }
}
