package io.inferencerouter.grpc.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.DebugInfo;
import com.google.rpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.xds.shaded.com.github.xds.service.orca.v3.OrcaLoadReportRequest;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The hand-written messages, compared with those that protobuf writes and reads. */
class MessagesTest {
  @Provide
  Arbitrary<Duration> delays() {
    return Arbitraries.longs().between(0, Duration.ofDays(400).toNanos()).map(Duration::ofNanos);
  }

  private static com.google.protobuf.Duration proto(Duration delay) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(delay.getSeconds())
        .setNanos(delay.getNano())
        .build();
  }

  private static Status status(Duration delay, String message) {
    return Status.newBuilder()
        .setCode(8)
        .setMessage(message)
        .addDetails(
            Any.pack(com.google.rpc.RetryInfo.newBuilder().setRetryDelay(proto(delay)).build()))
        .build();
  }

  @Property
  void aStatusIsWrittenAsProtobufWritesIt(
      @ForAll @From("delays") Duration delay, @ForAll String text) throws Exception {
    String message = text.replaceAll("\\p{Cs}", "?"); // half a surrogate pair is no text
    assertThat(Status.parseFrom(RetryInfo.status(8, message, delay)))
        .isEqualTo(status(delay, message));
  }

  @Property
  void theDelayOfAStatusIsReadAmongOtherDetails(@ForAll @From("delays") Duration delay) {
    Status status =
        status(delay, "busy").toBuilder()
            .addDetails(0, Any.pack(DebugInfo.newBuilder().setDetail("x").build()))
            .build();
    assertThat(RetryInfo.retryDelay(status.toByteArray())).isEqualTo(delay);
    assertThat(RetryInfo.retryDelay(Status.newBuilder().setCode(3).build().toByteArray())).isNull();
  }

  @Property
  void anythingCanBeRead(@ForAll byte[] bytes) {
    Duration delay = RetryInfo.retryDelay(bytes);
    assertThat(delay == null || !delay.isNegative()).isTrue();
    assertThat(HealthMessages.status(bytes)).isNotNegative();
  }

  @Property
  void healthIsAskedForAndAnsweredAsProtobufDoes(
      @ForAll HealthCheckResponse.ServingStatus status, @ForAll String text) throws Exception {
    String service = text.replaceAll("\\p{Cs}", "?");
    assertThat(HealthCheckRequest.parseFrom(HealthMessages.request(service)).getService())
        .isEqualTo(service);
    if (status != HealthCheckResponse.ServingStatus.UNRECOGNIZED) {
      assertThat(
              HealthMessages.status(
                  HealthCheckResponse.newBuilder().setStatus(status).build().toByteArray()))
          .isEqualTo(status.getNumber());
    }
  }

  @Property
  void loadReportsAreAskedForAsProtobufDoes(@ForAll @From("delays") Duration interval)
      throws Exception {
    assertThat(OrcaLoadReportRequest.parseFrom(OrcaMessages.request(interval)))
        .isEqualTo(OrcaLoadReportRequest.newBuilder().setReportInterval(proto(interval)).build());
  }
}
