package io.inferencerouter.examples.demo.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.examples.demo.scenario.FleetKind;
import io.inferencerouter.examples.demo.scenario.Settings;
import io.inferencerouter.examples.demo.workload.Job;
import io.inferencerouter.examples.demo.workload.Workload;
import io.inferencerouter.examples.embedding.LoadedModel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DocumentsTest {
  private static final Calibration CALIBRATION = new Calibration(120_000);

  @Test
  void equalSeedsGiveEqualDocuments() throws Exception {
    assertThat(bodies(5)).isEqualTo(bodies(5)).isNotEqualTo(bodies(6));
  }

  @Test
  void theWindowIsThatInWhichTheFleetIsBusyToTheGivenDegree() throws Exception {
    Workload workload = documents(1).workload();

    double work = CALIBRATION.nanosPerToken() * workload.inputTokens();
    double capacity = DocumentFleet.of(FleetKind.MIXED).capacity().total();
    assertThat(work / workload.window().toNanos() / capacity).isEqualTo(0.4, within(1e-6));
  }

  @ParameterizedTest
  @EnumSource
  void noFleetNeedsMoreThanTwoProcessorsOrOverloadsItsSlowestEndpoint(FleetKind kind) {
    DocumentFleet fleet = DocumentFleet.of(kind);

    assertThat(fleet.capacity().total()).isLessThan(1.3);
    assertThat(fleet.capacity().slowestBusyWithEqualShares(kind.defaultLoad())).isLessThan(0.95);
  }

  @Test
  void equalSharesOfAUniformFleetAreTheLoad() {
    assertThat(DocumentFleet.of(FleetKind.UNIFORM).capacity().slowestBusyWithEqualShares(0.7))
        .isEqualTo(0.7, within(1e-9));
  }

  private static List<String> bodies(long seed) throws Exception {
    return documents(seed).workload().jobs().stream()
        .map(Job::body)
        .map(body -> new String(body, java.nio.charset.StandardCharsets.UTF_8))
        .toList();
  }

  private static Documents documents(long seed) throws Exception {
    return Documents.of(
        new Settings(FleetKind.MIXED, 0.4, Workload.Size.requests(60), seed),
        LoadedModel.get(),
        CALIBRATION);
  }
}
