package io.inferencerouter.benchmarks.simulation.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FleetsTest {
  @Test
  void everyNamedFleetExistsAndIsCoherent() {
    for (String name : Fleets.names().keySet()) {
      FleetSpec fleet = Fleets.byName(name).orElseThrow();
      assertThat(fleet.name()).isEqualTo(name);
      Set<String> ids = new HashSet<>();
      fleet.endpoints().forEach(endpoint -> assertThat(ids.add(endpoint.id())).isTrue());
      for (FleetChange change : fleet.changes()) {
        if (change instanceof FleetChange.Join join) {
          assertThat(ids.add(join.endpoint().id())).isTrue();
        } else if (change instanceof FleetChange.Drain drain) {
          assertThat(ids).contains(drain.endpoint());
        } else if (change instanceof FleetChange.Restart restart) {
          assertThat(ids).contains(restart.endpoint());
        }
      }
      assertThat(fleet.changes()).extracting(FleetChange::at).isSorted();
    }
  }

  @Test
  void fleetsHaveAnySize() {
    assertThat(Fleets.byName("mixed-6").orElseThrow().endpoints())
        .extracting(endpoint -> endpoint.gpu().name())
        .containsExactly("H100", "A100", "L4", "T4", "H100", "A100");
    assertThat(Fleets.byName("equal-1000").orElseThrow().endpoints()).hasSize(1000);
    assertThat(Fleets.byName("wild-1")).isPresent();
    assertThat(Fleets.byName("equal-0")).isEmpty();
    assertThat(Fleets.byName("equal-99999")).isEmpty();
    assertThat(Fleets.byName("nonsense")).isEmpty();
  }

  @Test
  void wildFleetsSpreadEightfold() {
    FleetSpec fleet = Fleets.byName("wild-8").orElseThrow();
    double fastest = fleet.endpoints().get(0).gpu().b();
    double slowest = fleet.endpoints().get(7).gpu().b();
    assertThat(slowest / fastest).isCloseTo(8, org.assertj.core.data.Offset.offset(1e-9));
  }

  @Test
  void everyFaultFitsEveryFleet() {
    for (String fleetName : Fleets.names().keySet()) {
      FleetSpec fleet = Fleets.byName(fleetName).orElseThrow();
      for (String name : Faults.names().keySet()) {
        FleetSpec faulty = fleet.withChanges(Faults.byName(name, fleet).orElseThrow());
        assertThat(faulty.changes()).extracting(FleetChange::at).isSorted();
        assertThat(faulty.changes().size() == fleet.changes().size())
            .isEqualTo(name.equals(Faults.NONE));
      }
    }
    assertThat(Faults.byName("nonsense", Fleets.byName("equal-4").orElseThrow())).isEmpty();
  }

  @Test
  void fasterGpusAreFasterInEverything() {
    GpuModel h100 = Gpus.byName("h100").orElseThrow();
    for (GpuModel gpu : Gpus.all().values()) {
      if (!gpu.name().startsWith("H")) {
        assertThat(gpu.b()).as(gpu.name()).isGreaterThan(h100.b());
        assertThat(gpu.c0()).as(gpu.name()).isGreaterThan(h100.c0());
      }
      assertThat(gpu.kvTokens()).isGreaterThan(10_000);
    }
    assertThat(1000 / Gpus.byName("L4").orElseThrow().b())
        .isCloseTo(5000, org.assertj.core.data.Offset.offset(1e-6));
  }
}
