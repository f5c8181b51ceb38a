package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.LoadReport;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeaseAccountingTest {
  private static final InferenceRequest CHAT =
      InferenceRequest.forModel("llama").input(InputUnit.TOKENS, 1_000).outputLimit(100).build();

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();
  private final InferenceRouter router =
      InferenceRouters.builder()
          .health(HealthPolicy.none())
          .endpoint(
              Endpoint.builder("gpu", "http://gpu:8000")
                  .maxConcurrency(2)
                  .profile(HardwareProfile.builder(1_000, 10).concurrencyPenalty(0.5).build())
                  .build())
          .costEstimator(Fleets.proportionalText())
          .ticker(time)
          .scheduler(time)
          .executor(Runnable::run)
          .listener(events)
          .build();

  private EndpointSnapshot gpu() {
    return router.snapshot().endpoint("gpu").orElseThrow();
  }

  @Test
  void aLeaseReservesASlotAndItsPredictedTime() {
    Lease lease = router.acquire(CHAT);

    assertThat(gpu().inFlight()).isEqualTo(1);
    assertThat(gpu().reservedInput()).isEqualTo(Duration.ofSeconds(1));
    assertThat(gpu().reservedOutput()).isEqualTo(Duration.ofSeconds(10));
    lease.close();
    assertIdle(router);
  }

  @Test
  void anOutputUnitIsPricedSlowerBesideANeighbour() {
    Lease first = router.acquire(CHAT);
    Lease second = router.acquire(CHAT);

    assertThat(gpu().reservedOutput()).isEqualTo(Duration.ofSeconds(10 + 15));
    first.close();
    assertThat(gpu().reservedOutput()).isEqualTo(Duration.ofSeconds(15));
    second.close();
    assertIdle(router);
  }

  @Test
  void aNeighbourWithALongContextSlowsMoreThanOneWithAShortOne() {
    Lease usual = router.acquire(CHAT);
    usual.close();
    Lease first = router.acquire(CHAT.toBuilder().input(InputUnit.TOKENS, 10_000).build());
    Duration alone = gpu().reservedOutput();
    Lease second = router.acquire(CHAT);

    // 256 units and half of the output are added to each input; a usual neighbour costs 5 s.
    double times = (10_000 + 50 + 256) / (1_000 + 50 + 256.0);
    Duration beside = gpu().reservedOutput().minus(alone);
    assertThat(beside.toMillis()).isCloseTo((long) (10_000 + 5_000 * times), within(1_000L));
    first.close();
    second.close();
    assertIdle(router);
    router.acquire(CHAT);
    assertThat(gpu().reservedOutput()).as("nothing is left of it").isEqualTo(alone);
  }

  @Test
  void theFirstTokenReturnsTheInputAndProgressTheOutput() {
    Lease lease = router.acquire(CHAT);

    lease.firstToken();
    assertThat(gpu().reservedInput()).isEqualTo(Duration.ZERO);
    assertThat(gpu().inFlight()).isEqualTo(1);
    lease.progress(50);
    assertThat(gpu().reservedOutput()).isEqualTo(Duration.ofSeconds(5));
    lease.progress(1_000);
    assertThat(gpu().reservedOutput()).isEqualTo(Duration.ofMillis(1_250)); // until it has ended
    lease.complete(Outcome.success());
    assertIdle(router);
  }

  @Test
  void progressTokenByTokenIsReturnedInParts() {
    Lease lease = router.acquire(CHAT);

    for (int token = 0; token < 12; token++) {
      lease.progress(1);
    }
    assertThat(gpu().reservedOutput()).isEqualTo(Duration.ofSeconds(10));
    lease.progress(1);
    assertThat(gpu().reservedOutput()).isEqualTo(Duration.ofMillis(8_700));
    lease.close();
    assertIdle(router);
  }

  @Test
  void progressImpliesTheFirstToken() {
    Lease lease = router.acquire(CHAT);

    lease.progress(1);

    assertThat(gpu().reservedInput()).isEqualTo(Duration.ZERO);
    lease.close();
  }

  @Test
  void onlyTheFirstCompletionCounts() {
    Lease lease = router.acquire(CHAT);
    Lease other = router.acquire(CHAT);

    assertThat(lease.complete(Outcome.success())).isTrue();
    assertThat(lease.complete(Outcome.serverFault())).isFalse();
    lease.close();
    lease.firstToken();
    lease.progress(10);

    assertThat(lease.isComplete()).isTrue();
    assertThat(gpu().inFlight()).isEqualTo(1);
    assertThat(gpu().errorLevel()).isZero();
    other.close();
    assertIdle(router);
  }

  @ParameterizedTest
  @EnumSource
  void everyOutcomeReturnsEverything(Outcome.Kind kind) {
    Outcome outcome =
        switch (kind) {
          case SUCCESS -> Outcome.success();
          case CANCELLED -> Outcome.cancelled();
          case SERVER_FAULT -> Outcome.serverFault();
          case TIMEOUT -> Outcome.timeout();
          case RATE_LIMITED -> Outcome.rateLimited(Duration.ofSeconds(1));
          case REJECTED -> Outcome.rejected();
        };
    router.acquire(CHAT).complete(outcome);
    Lease streaming = router.acquire(CHAT);
    streaming.progress(3);
    streaming.complete(outcome);

    assertIdle(router);
    assertThat(gpu().errorLevel() > 0).isEqualTo(kind.isFault());
  }

  @Test
  void theSlotLimitIsExactAndARefusalSaysWhatToDo() {
    Lease first = router.acquire(CHAT);
    Lease second = router.acquire(CHAT);

    assertThatThrownBy(() -> router.acquire(CHAT))
        .isInstanceOfSatisfying(
            OverloadedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(OverloadedException.Reason.NO_FREE_SLOT);
              assertThat(e.retryAfter()).isPositive();
            })
        .hasMessageContaining("expected: a free slot");
    first.close();
    router.acquire(CHAT).close();
    second.close();
    assertIdle(router);
  }

  @Test
  void absurdWorkIsReservedWithinBoundsAndReturnedExactly() {
    InferenceRequest absurd =
        InferenceRequest.forModel("llama")
            .input(InputUnit.TOKENS, InferenceRequest.MAX_SIZE)
            .outputLimit(InferenceRequest.MAX_SIZE)
            .build();
    Lease first = router.acquire(absurd);
    Lease second = router.acquire(absurd);

    assertThat(gpu().inFlight()).isEqualTo(2);
    assertThat(gpu().reservedInput()).isEqualTo(Duration.ofNanos(2L * Integer.MAX_VALUE * 1_000));
    first.progress(Long.MAX_VALUE);
    first.close();
    second.close();
    assertIdle(router);
  }

  @Test
  void eventsAreNestedAndCarryTheElapsedTime() {
    events.lines.clear();
    Lease lease = router.acquire(CHAT);
    time.advance(Duration.ofNanos(300));
    lease.firstToken();
    lease.firstToken();
    time.advance(Duration.ofNanos(700));
    lease.complete(Outcome.success());

    assertThat(events.lines)
        .containsExactly(
            "acquired gpu",
            "firstToken gpu 300",
            "gpu WARMING>ACTIVE",
            "completed gpu SUCCESS 1000");
  }

  @Test
  void aTimestampOfTheCallerIsTakenInPlaceOfTheClock() {
    events.lines.clear();
    Lease lease = router.route("llama").acquire(CHAT, 1_000);

    lease.firstToken(1_500);
    lease.complete(Outcome.cancelled(), 4_000);

    assertThat(lease.acquiredNanos()).isEqualTo(1_000);
    assertThat(events.lines)
        .containsExactly("acquired gpu", "firstToken gpu 500", "completed gpu CANCELLED 3000");
  }

  @Test
  void aLoadReportIsKeptEvenAfterTheEnd() {
    Lease lease = router.acquire(CHAT);
    lease.close();
    LoadReport report = LoadReport.builder().cpuUtilization(0.5).build();

    lease.loadReport(report);

    assertThat(gpu().loadReport()).contains(report);
  }

  @Test
  void closingTheRouterLeavesLeasesToTheirHolders() {
    Lease lease = router.acquire(CHAT);
    router.close();
    router.close();

    assertThat(gpu().inFlight()).isEqualTo(1);
    lease.complete(Outcome.success());
    assertIdle(router);
  }
}
