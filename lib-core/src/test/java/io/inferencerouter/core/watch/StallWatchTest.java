package io.inferencerouter.core.watch;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.AttemptStalled;
import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.LeakPolicy;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.StallPolicy;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams that stop, and streams that only seem to. */
class StallWatchTest {
  private static final InferenceRequest STREAM =
      InferenceRequest.forModel("m")
          .streaming(true)
          .input(InputUnit.TOKENS, 1_000)
          .outputLimit(500)
          .build();

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();
  private final List<Revocation> revoked = new ArrayList<>();
  private InferenceRouter router = router(policy -> policy);

  private InferenceRouter router(UnaryOperator<StallPolicy.Builder> settings) {
    return router(settings.apply(StallPolicy.builder()).build(), time);
  }

  private InferenceRouter router(StallPolicy policy, Scheduler scheduler) {
    return watching(HardwareProfile.builder(1_000, 50).build())
        .health(HealthPolicy.none())
        .stalls(policy)
        .scheduler(scheduler)
        .build();
  }

  /** A router with a single endpoint, in virtual time. */
  private InferenceRouters.Builder watching(HardwareProfile profile) {
    return InferenceRouters.builder()
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .listener(events)
        .endpoint(Endpoint.builder("a", "http://a").model("m").profile(profile).build());
  }

  @AfterEach
  void nothingIsLeftAndNothingTicks() {
    assertIdle(router);
    pass(10);
    assertThat(time.pending()).as("tasks that wait").isZero();
  }

  private void pass(double seconds) {
    time.advance(Duration.ofNanos((long) (seconds * 1e9)));
  }

  private Lease stream() {
    Lease lease = router.acquire(STREAM);
    lease.onRevoked(revoked::add);
    return lease;
  }

  /** A stream whose first token has come after a second, as predicted. */
  private Lease begun() {
    Lease lease = stream();
    pass(1);
    lease.firstToken();
    return lease;
  }

  private static void flow(Lease lease, VirtualTime time, int tokens, Duration step) {
    for (int i = 0; i < tokens; i++) {
      time.advance(step);
      lease.progress(1);
    }
  }

  @Test
  void aRequestThatIsNotAnsweredIsToldOfOnceAndAskedBackUntilItIs() {
    Lease lease = stream();
    pass(10);
    assertThat(events.stalled).isEmpty();

    pass(60);

    assertThat(events.stalled).hasSize(1);
    AttemptStalled event = events.stalled.get(0);
    assertThat(event.begun()).isFalse();
    assertThat(event.endpoint().id()).isEqualTo("a");
    assertThat(event.expected()).isBetween(Duration.ofMillis(900), Duration.ofMillis(1_500));
    assertThat(event.limit()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(12));
    assertThat(event.idle()).isBetween(event.limit(), event.limit().plus(Duration.ofMillis(500)));
    assertThat(event.revocation()).contains(Revocation.UNANSWERED);
    assertThat(revoked).as("with each look").hasSizeGreaterThan(10);
    assertThat(revoked).containsOnly(Revocation.UNANSWERED);
    assertThat(lease.isComplete()).as("what becomes of it is for its transport to say").isFalse();

    lease.firstToken();
    revoked.clear();
    pass(1);
    assertThat(revoked).isEmpty();
    lease.complete(Outcome.success());
  }

  @Test
  void whoHasNotHeardTheQuestionIsNotAskedAgain() {
    List<Runnable> tasks = new ArrayList<>();
    router = watching(HardwareProfile.builder(1_000, 50).build()).executor(tasks::add).build();
    Lease lease = stream();
    pass(70);
    assertThat(tasks).hasSize(1);

    tasks.remove(0).run();
    pass(10);

    assertThat(tasks).hasSize(1);
    tasks.remove(0).run();
    assertThat(revoked).containsExactly(Revocation.UNANSWERED, Revocation.UNANSWERED);
    lease.close();
  }

  @Test
  void whatWasPredictedToTakeLongIsGivenTime() {
    router = router(policy -> policy);
    Lease lease = router.acquire(STREAM.toBuilder().input(InputUnit.TOKENS, 5_000).build());
    pass(35);
    assertThat(events.stalled).isEmpty();
    pass(60);
    assertThat(events.stalled).hasSize(1);
    lease.close();
  }

  @Test
  void aStreamThatStopsIsToldOfOnceAndGoesOn() {
    Lease lease = begun();
    flow(lease, time, 200, Duration.ofMillis(20));

    pass(30);

    assertThat(events.stalled).hasSize(1);
    AttemptStalled event = events.stalled.get(0);
    assertThat(event.begun()).isTrue();
    assertThat(event.limit()).isEqualTo(Duration.ofSeconds(2));
    assertThat(event.idle()).isBetween(Duration.ofSeconds(2), Duration.ofMillis(2_600));
    assertThat(event.revocation()).isEmpty();
    assertThat(revoked).isEmpty();
    lease.progress(1);
    assertThat(lease.complete(Outcome.success())).isTrue();
  }

  @Test
  void aStreamThatGoesOnAndStopsAgainIsToldOfAgain() {
    Lease lease = begun();
    flow(lease, time, 200, Duration.ofMillis(20));
    pass(5);
    flow(lease, time, 5_000, Duration.ofMillis(20));
    assertThat(events.stalled).hasSize(1);

    pass(59);

    assertThat(events.stalled).hasSize(2);
    assertThat(events.stalled.get(1).expected())
        .as("the first pause, fading")
        .isBetween(Duration.ofMillis(500), Duration.ofMillis(1_500));
    lease.close();
  }

  @Test
  void aStreamThatStopsIsEndedIfAskedFor() {
    router = router(policy -> policy.endsStreams(true));
    Lease lease = begun();
    flow(lease, time, 200, Duration.ofMillis(20));

    pass(5);

    assertThat(revoked).containsExactly(Revocation.STALLED);
    assertThat(lease.isComplete()).isTrue();
    assertThat(lease.complete(Outcome.success())).isFalse();
    assertThat(events.lines).anyMatch(line -> line.startsWith("completed a TIMEOUT"));
    assertThat(events.stalled.get(0).revocation()).contains(Revocation.STALLED);
  }

  @Test
  void aStreamThatNobodyCanEndIsNotTakenForEnded() {
    router = router(policy -> policy.endsStreams(true));
    Lease lease = router.acquire(STREAM);
    lease.firstToken();
    pass(70);

    assertThat(events.stalled).hasSize(1);
    assertThat(lease.complete(Outcome.success())).isTrue();
  }

  // No false alarms

  @Test
  void aSlowButSteadyStreamIsNotTakenForStalled() {
    Lease lease = stream();
    pass(3);
    lease.firstToken();

    flow(lease, time, 100, Duration.ofSeconds(3));

    assertThat(events.stalled).isEmpty();
    pass(27);
    assertThat(events.stalled).as("8 times 3 s").hasSize(1);
    assertThat(events.stalled.get(0).limit())
        .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(27));
    lease.complete(Outcome.success());
  }

  @Test
  void aStreamOnAnEndpointThatIsKnownToBeSlowIsGivenTimeFromTheBeginning() {
    router = watching(HardwareProfile.builder(1_000_000, 0.33).build()).build();
    Lease lease = stream();
    pass(0.1);
    lease.firstToken();

    flow(lease, time, 10, Duration.ofSeconds(3));

    assertThat(events.stalled).isEmpty();
    lease.complete(Outcome.success());
  }

  @Test
  void aStreamThatComesInBurstsIsNotTakenForStalled() {
    Lease lease = stream();
    pass(2);
    lease.firstToken();

    for (int burst = 0; burst < 20; burst++) {
      flow(lease, time, 30, Duration.ofMillis(5));
      pass(5);
    }

    assertThat(events.stalled).isEmpty();
    lease.complete(Outcome.success());
  }

  @Test
  void aReaderWhoTakesHisTimeIsNoStall() {
    Lease lease = begun();
    flow(lease, time, 100, Duration.ofMillis(20));
    for (int page = 0; page < 5; page++) {
      lease.backpressure(true);
      pass(300);
      lease.backpressure(false);
      flow(lease, time, 100, Duration.ofMillis(20));
    }
    assertThat(events.stalled).isEmpty();

    pass(3);

    assertThat(events.stalled).as("now it is the endpoint that does not go on").hasSize(1);
    lease.complete(Outcome.success());
  }

  @Test
  void whatArrivesAndCannotBeCountedIsProgress() {
    Lease lease = begun();
    for (int i = 0; i < 300; i++) {
      pass(1);
      lease.progress(0);
    }
    assertThat(events.stalled).isEmpty();
    lease.complete(Outcome.success());
  }

  @Test
  void anAnswerInOnePieceIsNoStream() {
    Lease lease = router.acquire(STREAM.toBuilder().streaming(false).build());
    lease.onRevoked(revoked::add);
    pass(1_000);
    assertThat(events.stalled).isEmpty();
    assertThat(revoked).isEmpty();
    lease.complete(Outcome.success());
  }

  @Test
  void aProcessThatStoodStillDoesNotBlameItsStreams() {
    List<Runnable> sweeps = new ArrayList<>();
    router =
        router(
            StallPolicy.standard(),
            (delay, task) -> {
              sweeps.add(task);
              return () -> sweeps.remove(task);
            });
    Lease lease = begun();
    for (int i = 0; i < 10; i++) {
      pass(0.25);
      lease.progress(10);
      sweeps.remove(0).run();
    }

    pass(600); // and nothing ran
    sweeps.remove(0).run();
    assertThat(events.stalled).isEmpty();

    for (int i = 0; i < 12; i++) {
      pass(0.25);
      sweeps.remove(0).run();
    }
    assertThat(events.stalled).hasSize(1);
    lease.complete(Outcome.success());
    sweeps.remove(0).run();
    assertThat(sweeps).isEmpty();
  }

  // The sweep itself

  @Test
  void nothingIsScheduledBeforeAStreamIsOutAndOneTaskForAllOfThem() {
    router.acquire(STREAM.toBuilder().streaming(false).build()).complete(Outcome.success());
    assertThat(time.pending()).isZero();
    List<Lease> streams = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      streams.add(router.acquire(STREAM));
    }
    assertThat(time.pending()).isEqualTo(1);
    pass(1);
    assertThat(time.pending()).isEqualTo(1);
    streams.forEach(Lease::close);
  }

  @Test
  void theSweepsBeginAgainWithTheNextStream() {
    begun().complete(Outcome.success());
    pass(10);
    assertThat(time.pending()).isZero();

    Lease lease = begun();
    pass(20);

    assertThat(events.stalled).hasSize(1);
    lease.complete(Outcome.success());
  }

  @Test
  void noneMeansNoneAndNothingIsScheduled() {
    router =
        watching(HardwareProfile.builder(1_000, 50).build())
            .stalls(StallPolicy.none())
            .leaks(LeakPolicy.none())
            .build();
    Lease lease = stream();
    assertThat(time.pending()).isZero();
    pass(100_000);
    assertThat(events.stalled).isEmpty();
    lease.complete(Outcome.success());
  }

  @Test
  void closingTheRouterTakesTheSweepBack() {
    Lease lease = stream();
    router.close();
    assertThat(time.pending()).isZero();
    lease.close();
  }

  @Test
  void boundsAndFactorsAreChecked() {
    StallPolicy.Builder policy = StallPolicy.builder();
    assertThatThrownBy(() -> policy.rhythmFactor(0.5))
        .hasMessage("rhythmFactor: 0.5 (expected: 1 to 1000)");
    assertThatThrownBy(() -> policy.streamBounds(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .hasMessageStartingWith("streamBounds: PT2S to PT1S (expected: ");
    assertThat(StallPolicy.standard().idleLimit(Duration.ZERO)).isEqualTo(Duration.ofSeconds(2));
    assertThat(StallPolicy.standard().idleLimit(Duration.ofSeconds(1)))
        .isEqualTo(Duration.ofSeconds(8));
    assertThat(StallPolicy.standard().idleLimit(Duration.ofDays(1)))
        .isEqualTo(Duration.ofSeconds(60));
    assertThat(StallPolicy.standard().firstTokenLimit(Duration.ofDays(200 * 365)))
        .isEqualTo(Duration.ofMinutes(2));
  }
}
