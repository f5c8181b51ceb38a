package io.inferencerouter.examples.demo.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.inferencerouter.examples.demo.scenario.FleetKind;
import io.inferencerouter.examples.demo.scenario.Settings;
import io.inferencerouter.examples.demo.transport.Transport;
import io.inferencerouter.examples.demo.workload.Job;
import io.inferencerouter.examples.demo.workload.Workload;
import io.inferencerouter.examples.embedding.LoadedModel;
import io.inferencerouter.examples.grpc.Vectors;
import io.inferencerouter.kserve.ModelInferRequest;
import java.io.ByteArrayInputStream;
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
  void bothTransportsCarryTheSameDocumentsAtTheSameTimes() throws Exception {
    Workload http = documents(Transport.HTTP, 1).workload();
    Workload grpc = documents(Transport.GRPC, 1).workload();

    assertThat(grpc.window()).isEqualTo(http.window());
    assertThat(grpc.jobs()).hasSameSizeAs(http.jobs());
    for (int i = 0; i < http.jobs().size(); i++) {
      DocumentJob one = (DocumentJob) http.jobs().get(i);
      DocumentJob other = (DocumentJob) grpc.jobs().get(i);
      assertThat(other.document()).isEqualTo(one.document());
      assertThat(other.arrivalNanos()).isEqualTo(one.arrivalNanos());
      assertThat(Vectors.texts(ModelInferRequest.parseFrom(other.body())))
          .map(ByteString::toStringUtf8)
          .isEqualTo(EmbeddingsRequest.parse(new ByteArrayInputStream(one.body())).input());
    }
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
    return documents(Transport.HTTP, seed);
  }

  private static Documents documents(Transport transport, long seed) throws Exception {
    return Documents.of(
        new Settings(transport, FleetKind.MIXED, 0.4, Workload.Size.requests(60), seed),
        LoadedModel.get(),
        CALIBRATION);
  }
}
