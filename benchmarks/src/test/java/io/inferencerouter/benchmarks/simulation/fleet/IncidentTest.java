package io.inferencerouter.benchmarks.simulation.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class IncidentTest {
  private static final long SECOND = 1_000_000_000;
  private static final long LENGTH = 1_000 * SECOND;

  private static Optional<Incident> incident(String fault, String name) {
    FleetSpec fleet = Fleets.byName(name).orElseThrow();
    return Incident.of(fault, fleet.withChanges(Faults.byName(fault, fleet).orElseThrow()), LENGTH);
  }

  @Test
  void aFaultOfAnEndpointHasABeginningAndAnEnd() {
    Incident gray = incident("gray", "mixed-8").orElseThrow();

    assertThat(gray.endpoint()).isEqualTo("h100-1");
    assertThat(gray.beginNanos()).isEqualTo(300 * SECOND);
    assertThat(gray.endNanos()).isEqualTo(360 * SECOND);
    assertThat(gray.twin()).isEmpty();
    assertThat(incident("throttle", "mixed-8").orElseThrow().endpoint()).isEqualTo("h100-1");
    assertThat(incident("crash", "mixed-8").orElseThrow().endNanos()).isEqualTo(Disturbance.NEVER);
  }

  @Test
  void anEndpointMoreIsToGetAsMuchAsTheOneItIsLike() {
    Incident more = incident(Faults.ONE_MORE, "equal-8").orElseThrow();

    assertThat(more.endpoint()).isEqualTo(Faults.ONE_MORE);
    assertThat(more.endNanos()).isEqualTo(more.beginNanos()).isEqualTo(300 * SECOND);
    assertThat(more.twin()).contains("h100-1");
  }

  @Test
  void manyThingsAtOnceAndWhatHitsNobodyAreNone() {
    assertThat(incident(Faults.NONE, "equal-8")).isEmpty();
    assertThat(incident("clients-restart", "equal-8")).isEmpty();
    assertThat(incident("noise", "equal-8")).isEmpty();
    assertThat(incident("chaos", "equal-8")).isEmpty();
    assertThat(incident("gray", "growth")).isEmpty();
  }

  @Test
  void faultsWithoutANameAreNone() {
    FleetSpec fleet = Fleets.byName("equal-8").orElseThrow();

    assertThat(Incident.of("my-faults", fleet, LENGTH)).isEmpty();
    assertThat(Incident.of("gray", fleet, LENGTH)).isEmpty();
  }
}
