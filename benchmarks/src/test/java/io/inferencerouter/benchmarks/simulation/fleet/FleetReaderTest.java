package io.inferencerouter.benchmarks.simulation.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetReaderTest {
  @TempDir Path folder;

  private Path file(String text) {
    try {
      return Files.writeString(folder.resolve("f.json"), text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void assertRefused(String text, int line, String reason) {
    Path file = file(text);
    assertThatThrownBy(() -> FleetReader.read(file))
        .isInstanceOf(FleetException.class)
        .hasMessageStartingWith(file + ":" + line + ": ")
        .hasMessageContaining(reason);
  }

  @Test
  void endpointsAreNamedByTheirGpuAndNumbered() {
    FleetSpec fleet =
        FleetReader.read(
            file("{\"endpoints\":[{\"gpu\":\"H100\",\"count\":2},{\"gpu\":\"a100:70b\"}]}"));

    assertThat(fleet.name()).isEqualTo("f");
    assertThat(fleet.endpoints())
        .extracting(EndpointSpec::id)
        .containsExactly("h100-1", "h100-2", "a100-1");
    assertThat(fleet.endpoints().get(2).gpu().b()).isEqualTo(0.17199);
    assertThat(fleet.endpoints().get(0).maxConcurrency()).isEqualTo(256);
  }

  @Test
  void everythingCanBeSaid() {
    FleetSpec fleet =
        FleetReader.read(
            file(
                """
                {"name": "all", "endpoints": [
                  {"gpu": "own", "a": 1, "b": 0.02, "c": 1e-6, "c0": 7, "d": 0.01, "e": 0, "kv": 4e5,
                   "id": "x", "region": "eu", "models": ["m", "n"], "weight": 2.5,
                   "maxConcurrency": 9, "networkMs": 1.5}]}
                """));
    assertThat(fleet.name()).isEqualTo("all");
    assertThat(fleet.endpoints())
        .containsExactly(
            new EndpointSpec(
                "x",
                new GpuModel("own", 1, 0.02, 1e-6, 7, 0.01, 0, 400_000),
                "eu",
                List.of("m", "n"),
                2,
                2.5,
                9,
                1_500_000));
  }

  @Test
  void changesAreReadAndSorted() {
    FleetSpec fleet =
        FleetReader.read(
            file(
                """
                {"endpoints": [{"gpu": "H100", "id": "x"}], "changes": [
                  {"at": 0.2, "type": "join", "endpoint": {"gpu": "L4", "id": "y", "count": 2}},
                  {"at": 0.9, "type": "drain", "endpoint": "y-2"},
                  {"at": 0.3, "type": "restart", "endpoint": "x", "downSeconds": 5},
                  {"at": 0.3, "type": "crash", "endpoint": "x"},
                  {"at": 0.4, "type": "slow", "endpoint": "x", "factor": 3, "seconds": 60},
                  {"at": 0.4, "type": "fast-failure", "endpoint": "x", "probability": 1, "seconds": 1},
                  {"at": 0.4, "type": "stall", "endpoint": "x", "seconds": 2},
                  {"at": 0, "type": "noise", "endpoint": "x", "variation": 0.3},
                  {"at": 1, "type": "clients-restart"}]}
                """));

    assertThat(fleet.changes())
        .hasSize(10)
        .contains(
            new FleetChange.Drain(0.9, "y-2"),
            new FleetChange.Slow(0.4, "x", 3, 60),
            new FleetChange.FastFailure(0.4, "x", 1, 1),
            new FleetChange.ClientsRestart(1));
    assertThat(fleet.changes()).extracting(FleetChange::at).isSorted();
  }

  @Test
  void unknownGpusAreNamedWithTheirLine() {
    assertRefused(
        "{\"endpoints\":[\n{\"gpu\":\"H100\"},\n{\"gpu\":\"Z9\"}]}",
        3,
        "unknown GPU: Z9 (expected: one of H100, ");
  }

  @Test
  void negativeNumbersAreRefused() {
    assertRefused(
        "{\"endpoints\":[{\"gpu\":\"m\",\"a\":1,\n\"b\":-2,\"c\":0,\"c0\":1,\"d\":0,\"e\":0,\"kv\":1}]}",
        2,
        "b: -2.0 (expected: a number of at least 0)");
    assertRefused(
        "{\"endpoints\":[{\"gpu\":\"H100\",\"weight\":0}]}",
        1,
        "weight: 0.0 (expected: a number above 0)");
    assertRefused("{\"endpoints\":[{\"gpu\":\"H100\",\"networkMs\":-1}]}", 1, "networkMs: -1.0");
    assertRefused("{\"endpoints\":[{\"gpu\":\"H100\",\"count\":1.5}]}", 1, "a whole number");
  }

  @Test
  void unknownFieldsAreRefused() {
    assertRefused(
        "{\"endpoints\":[{\"gpu\":\"H100\",\n\n\"wight\":1}]}", 3, "unknown field: wight");
    assertRefused("{\"endpoint\":[]}", 1, "endpoints: missing (expected: an array)");
    assertRefused("{\"endpoints\":[{\"gpu\":\"H100\"}],\n\"foo\":1}", 2, "unknown field: foo");
  }

  @Test
  void wrongTypesAreRefused() {
    assertRefused("{\"endpoints\":[{\"gpu\":7}]}", 1, "gpu: 7.0 (expected: a text)");
    assertRefused("{\"endpoints\":[{\"gpu\":null}]}", 1, "gpu: null (expected: a text)");
    assertRefused("{\"endpoints\":{}}", 1, "endpoints: an object (expected: an array)");
    assertRefused("{\"endpoints\":[3]}", 1, "endpoint: 3.0 (expected: an object)");
    assertRefused("[]", 1, "fleet: an array (expected: an object)");
    assertRefused("{\"endpoints\":[]}", 1, "endpoints: none (expected: at least one)");
  }

  @Test
  void duplicateIdsAreRefused() {
    assertRefused(
        "{\"endpoints\":[{\"gpu\":\"H100\",\"id\":\"x\"},\n{\"gpu\":\"L4\",\"id\":\"x\"}]}",
        2,
        "id: x (expected: an id that is not taken)");
  }

  @Test
  void coefficientsAreGivenAllOrNone() {
    assertRefused("{\"endpoints\":[{\"gpu\":\"H100\",\"a\":1}]}", 1, "b: missing");
    assertRefused(
        "{\"endpoints\":[{\"gpu\":\"m\",\"a\":0,\"b\":0,\"c\":0,\"c0\":1,\"d\":0,\"e\":0,\"kv\":1}]}",
        1,
        "a, b, c: all 0");
  }

  @Test
  void brokenJsonIsRefusedWithItsLine() {
    assertRefused("{\"endpoints\":[\n{\"gpu\":\"H100\",}]}", 2, "not JSON");
    assertRefused("{\"name\":\"a\",\n\"name\":\"b\"}", 2, "Duplicate");
    assertRefused("", 1, "nothing there");
    assertRefused("{\"endpoints\":[{\"gpu\":\"H100\"}]}\n{}", 2, "more after the end");
  }

  @Test
  void changesOfUnknownEndpointsAreRefused() {
    String endpoints = "{\"endpoints\":[{\"gpu\":\"H100\",\"id\":\"x\"}],\"changes\":[\n";
    assertRefused(
        endpoints + "{\"at\":0.5,\"type\":\"crash\",\"endpoint\":\"z\"}]}",
        2,
        "unknown endpoint: z (expected: one of x)");
    assertRefused(
        endpoints + "{\"at\":0.5,\"type\":\"melt\"}]}", 2, "unknown type of change: melt");
    assertRefused(
        endpoints + "{\"at\":1.5,\"type\":\"clients-restart\"}]}",
        2,
        "at: 1.5 (expected: a number from 0 to 1)");
  }

  @Test
  void faultsAreReadForAFleet() {
    FleetSpec fleet = Fleets.byName("equal-4").orElseThrow();
    String crash = "[{\"at\":0.5,\"type\":\"crash\",\"endpoint\":\"h100-2\"}]";

    assertThat(FleetReader.readFaults(file(crash), fleet))
        .isEqualTo(List.of(new FleetChange.Crash(0.5, "h100-2")));
    assertThat(FleetReader.readFaults(file("{\"name\":\"n\",\"changes\":" + crash + "}"), fleet))
        .hasSize(1);
    Path other = file("[\n{\"at\":0.5,\"type\":\"crash\",\"endpoint\":\"h100-9\"}]");
    assertThatThrownBy(() -> FleetReader.readFaults(other, fleet))
        .hasMessageStartingWith(other + ":2: unknown endpoint: h100-9");
  }

  @Test
  void aFileThatIsNotThereIsSaidSo() {
    Path missing = folder.resolve("none.json");
    assertThatThrownBy(() -> FleetReader.read(missing)).hasMessage(missing + ": no such file");
  }
}
