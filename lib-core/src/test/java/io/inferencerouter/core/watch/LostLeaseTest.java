package io.inferencerouter.core.watch;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.LeaseReclaimed;
import io.inferencerouter.Outcome;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.LeakPolicy;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Leases that nobody completes. */
class LostLeaseTest {
  private static final Duration AGE = Duration.ofHours(1);
  private static final InferenceRequest PLAIN =
      InferenceRequest.forModel("m").input(InputUnit.TOKENS, 1_000).outputLimit(500).build();
  private static final InferenceRequest STREAM = PLAIN.toBuilder().streaming(true).build();

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();
  private final List<Revocation> revoked = new ArrayList<>();
  private InferenceRouter router = router(policy -> policy);

  private InferenceRouter router(UnaryOperator<LeakPolicy.Builder> settings) {
    return InferenceRouters.builder()
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .listener(events)
        .leaks(settings.apply(LeakPolicy.builder()).build())
        .endpoint(
            Endpoint.builder("a", "http://a")
                .model("m")
                .maxConcurrency(1)
                .memoryBudget(10_000)
                .build())
        .build();
  }

  @Test
  void aForgottenLeaseIsReturnedExactlyCountedAndToldOfOnce() {
    Lease lost = router.acquire(STREAM);
    lost.firstToken();
    lost.progress(100);

    time.advance(AGE.multipliedBy(3));

    assertIdle(router);
    assertThat(router.snapshot().reclaimed()).isEqualTo(1);
    assertThat(events.reclaimed).hasSize(1);
    LeaseReclaimed event = events.reclaimed.get(0);
    assertThat(event.endpoint().id()).isEqualTo("a");
    assertThat(event.request()).isSameAs(STREAM);
    assertThat(event.age()).isBetween(AGE, AGE.plusSeconds(2));
    assertThat(event.acquiredAt()).isEmpty();
    assertThat(events.lines).anyMatch(line -> line.startsWith("completed a CANCELLED"));
    assertThat(time.pending()).isZero();
  }

  @Test
  void completingItLateIsHarmless() {
    Lease lost = router.acquire(STREAM);
    time.advance(AGE.plusMinutes(1));
    Lease next = router.acquire(STREAM);

    assertThat(lost.complete(Outcome.serverFault())).isFalse();
    lost.firstToken();
    lost.progress(10);
    lost.close();

    assertThat(router.snapshot().inFlight()).isEqualTo(1);
    assertThat(router.snapshot().endpoint("a").orElseThrow().errorLevel()).isZero();
    next.complete(Outcome.success());
    assertIdle(router);
  }

  @Test
  void whoWaitsGetsTheSlotOfAForgottenLease() {
    router.acquire(STREAM).onRevoked(revoked::add);
    CompletableFuture<Lease> waiting =
        router.acquireAsync(PLAIN.toBuilder().maxQueueTime(Duration.ofHours(2)).build());
    assertThat(waiting).isNotDone();

    time.advance(AGE.plusMinutes(1));

    assertThat(waiting).isCompleted();
    assertThat(revoked).startsWith(Revocation.UNANSWERED).endsWith(Revocation.RECLAIMED);
    assertThat(revoked).containsOnlyOnce(Revocation.RECLAIMED);
    waiting.join().close();
    assertIdle(router);
  }

  @Test
  void aLeaseThatShowsSignsOfLifeIsNotTakenForLost() {
    Lease lease = router.acquire(STREAM);
    for (int i = 0; i < 4; i++) {
      time.advance(Duration.ofMinutes(59));
      lease.progress(1);
    }
    assertThat(lease.isComplete()).isFalse();
    assertThat(lease.complete(Outcome.success())).isTrue();
    assertThat(events.reclaimed).isEmpty();
  }

  @Test
  void aReaderWhoNeverComesBackIsOneWhoHasForgotten() {
    Lease lease = router.acquire(STREAM);
    lease.firstToken();
    lease.backpressure(true);

    time.advance(AGE.plusMinutes(1));

    assertThat(events.reclaimed).hasSize(1);
    assertThat(events.stalled).as("but no endpoint that has stopped").isEmpty();
    assertIdle(router);
  }

  @Test
  void aPlainLeaseIsWatchedOnceItsTransportListens() {
    Lease lease = router.acquire(PLAIN);
    lease.onRevoked(revoked::add);

    time.advance(AGE.plusMinutes(1));

    assertThat(revoked).containsExactly(Revocation.RECLAIMED);
    assertIdle(router);
  }

  @Test
  void aPlainLeaseThatNobodyListensToIsWatchedIfAskedFor() {
    Lease lease = router.acquire(PLAIN);
    time.advance(AGE.multipliedBy(2));
    assertThat(lease.isComplete()).isFalse();
    lease.close();

    router = router(policy -> policy.watchesAll(true));
    Lease watched = router.acquire(PLAIN);
    time.advance(AGE.multipliedBy(2));
    assertThat(watched.isComplete()).isTrue();
    assertIdle(router);
  }

  @Test
  void whereItWasAcquiredIsToldIfRecorded() {
    router = router(policy -> policy.recordsAcquisition(true).maxLeaseAge(Duration.ofSeconds(30)));
    acquireAndForget();

    time.advance(Duration.ofMinutes(1));

    assertThat(events.reclaimed.get(0).acquiredAt().orElseThrow().getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("acquireAndForget"));
  }

  private void acquireAndForget() {
    assertThat(router.acquire(STREAM)).isNotNull();
  }

  @Test
  void noLeaseIsTakenForLostIfNotAskedFor() {
    router =
        InferenceRouters.builder()
            .ticker(time)
            .scheduler(time)
            .executor(Runnable::run)
            .leaks(LeakPolicy.none())
            .endpoint(Endpoint.of("a", "http://a"))
            .build();
    Lease lease = router.acquire(STREAM);
    time.advance(Duration.ofHours(5));
    assertThat(lease.complete(Outcome.success())).isTrue();
  }
}
