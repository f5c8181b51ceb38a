package io.inferencerouter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.ModelSnapshot;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.cost.CostEstimators;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Learning from answers in one piece that take from seconds to most of an hour. */
class LongAnswersTest {
  private static final InferenceRequest REQUEST = InferenceRequest.forModel("m").build();

  private final VirtualTime time = new VirtualTime();

  /** Twice 1,500 seconds are more microseconds than an int can count. */
  @ParameterizedTest
  @ValueSource(ints = {16, 1_000, 1_500, 2_100})
  void anAnswerThatTakesAsLongAsPredictedTeachesNothingNew(int seconds) {
    InferenceRouter router =
        InferenceRouters.builder()
            .endpoint(
                Endpoint.builder("a", "http://a")
                    .model("m")
                    .profile(HardwareProfile.builder(1, 1).concurrencyPenalty(0).build())
                    .build())
            .costEstimator(CostEstimators.constant(seconds, seconds))
            .ticker(time)
            .scheduler(time)
            .executor(Runnable::run)
            .build();
    Lease ahead = router.acquire(REQUEST);
    Lease behind = router.acquire(REQUEST);

    // Half of what is ahead has been read, and it is read for half of the time that it is reserved.
    time.advance(Duration.ofSeconds(seconds / 4 + 2L * seconds));
    behind.complete(Outcome.success());

    ModelSnapshot learned = router.snapshot().endpoint("a").orElseThrow().models().get(0);
    assertThat(learned.inputObservations()).isEqualTo(1);
    assertThat(learned.secondsPerInputUnit()).isCloseTo(1, within(0.01));
    assertThat(learned.secondsPerOutputUnit()).isCloseTo(1, within(0.01));
    ahead.close();
    router.close();
  }
}
