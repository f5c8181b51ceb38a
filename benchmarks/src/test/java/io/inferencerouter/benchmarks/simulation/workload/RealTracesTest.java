package io.inferencerouter.benchmarks.simulation.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Reads public traces from a directory that {@code -Dsimulator.traces} or {@code SIMULATOR_TRACES}
 * names, and finds what is published of them.
 */
class RealTracesTest {
  private static TrafficProfile profile(String name) {
    Path file = Path.of(directory()).resolve(name + ".csv.gz");
    assumeTrue(Files.exists(file), "no " + file);
    return TrafficProfile.of(TraceFile.open(file));
  }

  private static String directory() {
    String given = System.getProperty("simulator.traces", System.getenv("SIMULATOR_TRACES"));
    assumeTrue(
        given != null, "no public traces: neither -Dsimulator.traces nor SIMULATOR_TRACES is set");
    return given == null ? "" : given;
  }

  @Test
  void azure() {
    TrafficProfile profile = profile("azure23_conv");
    assertThat(profile.requests()).isEqualTo(19_366);
    assertThat(profile.requestsPerSecond()).isCloseTo(5.53, within(0.01));
    assertThat(profile.gapVariation()).isCloseTo(1.09, within(0.01));
    assertThat(profile.peakToMean()).isCloseTo(2.9, within(0.1));
    assertThat(profile.input().mean()).isCloseTo(1_155, within(1.0));
    assertThat(profile.input().p99()).isEqualTo(4_142);
    assertThat(profile.output().max()).isEqualTo(1_000);
  }

  @Test
  void mooncake() {
    TrafficProfile profile = profile("mooncake_conv");
    assertThat(profile.requests()).isEqualTo(12_031);
    assertThat(profile.input().mean()).isCloseTo(12_035, within(1.0));
    // Of tokens; of blocks, the last of each input for a whole one, it is 0.366 and 0.136.
    assertThat(profile.prefixReuse()).isCloseTo(0.373, within(0.001));
    assertThat(profile.prefixReuseInTurn()).isCloseTo(0.139, within(0.001));
    assertThat(profile.sessions()).isEqualTo(7_373);
    assertThat(profile.verdict().advice()).isEqualTo(TrafficProfile.Advice.PAYS);
  }

  @Test
  void tenants() {
    TrafficProfile profile = profile("servegen_chat_tenants");
    assertThat(profile.requests()).isEqualTo(56_247);
    assertThat(profile.tenants()).isEqualTo(26);
    assertThat(profile.topTenantShare()).isCloseTo(0.27, within(0.01));
  }

  @Test
  void vision() {
    TrafficProfile profile = profile("servegen_vision");
    assertThat(profile.requests()).isEqualTo(35_897);
    assertThat(profile.tenants()).isEqualTo(20);
    assertThat(profile.output().mean()).isCloseTo(129, within(1.0));
  }
}
