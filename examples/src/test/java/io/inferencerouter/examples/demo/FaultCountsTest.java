package io.inferencerouter.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Outcome;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.demo.report.Reaction;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FaultCountsTest {
  private static final Endpoint GPU = Endpoint.of("gpu", "http://gpu:8000");

  private final FaultCounts counts = new FaultCounts();

  @Test
  void anAttemptThatFailedByItselfIsRetried() {
    counts.attemptRetried(again(null));

    assertThat(counts.reaction()).isEqualTo(new Reaction(1, 0, 0));
  }

  @ParameterizedTest
  @EnumSource
  void anAttemptThatWasTakenBackIsMoved(Revocation why) {
    counts.attemptRetried(again(why));

    assertThat(counts.reaction()).isEqualTo(new Reaction(0, 1, 0));
  }

  @Test
  void anEjectionOfTheRouterIsCounted() {
    try (var router =
        InferenceRouters.builder()
            .endpoint(GPU)
            .endpoint(Endpoint.of("other", "http://other:8000"))
            .listener(counts)
            .build()) {
      router.eject("gpu", Duration.ofMinutes(1));
    }

    assertThat(counts.reaction()).isEqualTo(new Reaction(0, 0, 1));
  }

  private static AttemptRetried again(@Nullable Revocation why) {
    return new AttemptRetried(
        InferenceRequest.anyModel(), GPU, Outcome.serverFault(), 1, Duration.ZERO, 1, why);
  }
}
