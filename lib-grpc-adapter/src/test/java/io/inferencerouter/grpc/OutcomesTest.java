package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomesTest {
  /** The words of gRPC's transports over Netty and over OkHttp. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "RST_STREAM closed stream. HTTP/2 error code: INTERNAL_ERROR",
        "http2 exception",
        "Internal error\nRst Stream",
        "Protocol error\nRst Stream",
        "No error: A GRPC status of OK should have been sent\nRst Stream"
      })
  void aStreamThatWasResetIsBroken(String description) {
    assertThat(Outcomes.isBroken(Status.INTERNAL.withDescription(description))).isTrue();
    assertThat(Outcomes.isBroken(Status.UNKNOWN.withDescription(description))).isFalse();
  }

  @Test
  void whatAServerSaysOfItselfIsNot() {
    assertThat(Outcomes.isBroken(Status.INTERNAL)).isFalse();
    assertThat(Outcomes.isBroken(Status.INTERNAL.withDescription("out of memory"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RST_STREAM closed stream. HTTP/2 error code: REFUSED_STREAM",
        "Refused stream\nRst Stream"
      })
  void aStreamThatWasRefusedIsUnseen(String description) {
    assertThat(Outcomes.isUnseen(Status.UNAVAILABLE.withDescription(description))).isTrue();
    assertThat(Outcomes.isBroken(Status.UNAVAILABLE.withDescription(description))).isFalse();
  }
}
