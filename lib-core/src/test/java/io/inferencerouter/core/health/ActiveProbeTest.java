package io.inferencerouter.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.ActiveProbe;
import io.inferencerouter.EjectionReason.Cause;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.Outcome;
import io.inferencerouter.ProbeResult;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.ProbePolicy;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.SlowStart;
import io.inferencerouter.core.selection.Selectors;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.Traffic;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActiveProbeTest {
  private static final InferenceRequest ANY = InferenceRequest.anyModel();
  private static final Duration STEP = Duration.ofMillis(10);

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();
  private final Set<String> ill = new HashSet<>();
  private final Set<String> silent = new HashSet<>();
  private final List<String> asked = new ArrayList<>();
  private int underWay;
  private int mostUnderWay;

  /** Answers after 100 ms; the silent ones do not. */
  private CompletionStage<ProbeResult> probe(Endpoint endpoint, Duration timeout) {
    asked.add(endpoint.id());
    underWay++;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    CompletableFuture<ProbeResult> answer = new CompletableFuture<>();
    boolean isSilent = silent.contains(endpoint.id());
    boolean isIll = ill.contains(endpoint.id());
    time.schedule(
        isSilent ? timeout.minusMillis(1) : Duration.ofMillis(100),
        () -> {
          underWay--;
          if (!isSilent) {
            answer.complete(isIll ? ProbeResult.unhealthy("503") : ProbeResult.healthy());
          }
        });
    return answer;
  }

  private InferenceRouter router(ActiveProbe probe, ProbePolicy policy, int endpoints, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return InferenceRouters.builder()
        .endpoints(
            IntStream.range(0, endpoints)
                .mapToObj(i -> Endpoint.of("e" + i, "http://e" + i))
                .toList())
        .selector(Selectors.roundRobin())
        .slowStart(SlowStart.none())
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .random(random::nextLong)
        .listener(events)
        .probe(probe, policy)
        .build();
  }

  private static Lifecycle lifecycle(InferenceRouter router, String id) {
    return router.snapshot().endpoint(id).orElseThrow().lifecycle();
  }

  @Test
  void anEndpointThatFailsThreeProbesInARowIsEjectedAndTwoGoodOnesBringItBack() {
    InferenceRouter router = router(this::probe, ProbePolicy.standard(), 3, 1);
    time.advance(Duration.ofMinutes(1));
    assertThat(events.ejected).isEmpty();

    ill.add("e1");
    time.advance(Duration.ofSeconds(11));
    assertThat(events.ejected).isEmpty();
    time.advance(Duration.ofSeconds(8));
    assertThat(events.ejected).hasSize(1);
    assertThat(events.ejected.get(0).reason().cause()).isEqualTo(Cause.PROBES_FAILED);
    assertThat(events.ejected.get(0).reason().observed()).isEqualTo(3);
    assertThat(new Traffic(router, time, ANY).send(100, STEP, Outcome.success()))
        .doesNotContainKey("e1");

    time.advance(Duration.ofHours(3));
    assertThat(lifecycle(router, "e1")).isEqualTo(Lifecycle.EJECTED);
    ill.clear();
    time.advance(Duration.ofSeconds(14));
    assertThat(lifecycle(router, "e1").isRoutable()).isTrue();
    assertThat(events.returned.get(0).cause()).isEqualTo("2 good probes in a row");
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "2, 3", "2, 1", "3, 3", "5, 2"})
  void firstTrialTrafficComesWithinTheBoundAfterARecoveryWheneverThatIs(int rise, int fall) {
    ProbePolicy policy =
        ProbePolicy.builder()
            .interval(Duration.ofSeconds(4))
            .jitter(Duration.ofSeconds(1))
            .timeout(Duration.ofSeconds(2))
            .rise(rise)
            .fall(fall)
            .build();
    double bound = rise * (4 + 1 + 2);
    for (int phase = 0; phase < 30; phase++) {
      boolean hangs = phase % 2 == 0;
      InferenceRouter router = router(this::probe, policy, 3, phase);
      (hangs ? silent : ill).add("e0");
      time.advance(Duration.ofSeconds(60));
      assertThat(lifecycle(router, "e0")).isEqualTo(Lifecycle.EJECTED);
      time.advance(Duration.ofMillis(197L * phase));
      ill.clear();
      silent.clear();
      double recovered = time.elapsedSeconds();
      boolean routed = false;
      Traffic traffic = new Traffic(router, time, ANY);
      while (!routed && time.elapsedSeconds() < recovered + 2 * bound) {
        routed = traffic.send(1, STEP, Outcome.success()).containsKey("e0");
        events.lines.clear();
      }
      assertThat(routed).isTrue();
      assertThat(time.elapsedSeconds() - recovered).isLessThan(bound);
      router.close();
      time.advance(Duration.ofMinutes(1));
    }
  }

  @Test
  void aPassiveEjectionEndsEarlyWhenProbesAreGoodButNotForWhatWasProbedBefore() {
    InferenceRouter router = router(this::probe, ProbePolicy.standard(), 2, 5);
    time.advance(Duration.ofMinutes(1));
    Traffic traffic = new Traffic(router, time, ANY);
    for (int i = 0; i < 3; i++) { // the third ejection is for 40 s
      traffic.send(10, STEP, Outcome.serverFault(), "e0");
      assertThat(lifecycle(router, "e0")).isEqualTo(Lifecycle.EJECTED);
      double ejected = time.elapsedSeconds();
      while (!lifecycle(router, "e0").isRoutable()) {
        time.advance(STEP);
      }
      assertThat(time.elapsedSeconds() - ejected).isBetween(5.0, 13.0);
    }
  }

  @Test
  void aRateLimitAndARequestedEjectionAreNotEndedByProbes() {
    InferenceRouter router = router(this::probe, ProbePolicy.standard(), 3, 5);
    router.eject("e0", Duration.ofMinutes(2));
    new Traffic(router, time, ANY).send(2, STEP, Outcome.rateLimited(Duration.ofMinutes(2)), "e1");

    time.advance(Duration.ofSeconds(118));

    assertThat(lifecycle(router, "e0")).isEqualTo(Lifecycle.EJECTED);
    assertThat(lifecycle(router, "e1")).isEqualTo(Lifecycle.EJECTED);
    time.advance(Duration.ofSeconds(3));
    assertThat(lifecycle(router, "e0").isRoutable()).isTrue();
    assertThat(lifecycle(router, "e1").isRoutable()).isTrue();
  }

  @Test
  void aRateLimitWithinAnEjectionIsWaitedForWhenProbesAreGoodAgain() {
    InferenceRouter router = router(this::probe, ProbePolicy.standard(), 2, 5);
    List<io.inferencerouter.Lease> leases = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      leases.add(router.acquire(ANY));
    }
    leases.removeIf(lease -> !lease.endpoint().id().equals("e0"));
    for (int i = 0; i < 5; i++) {
      leases.get(i).complete(Outcome.serverFault());
    }
    leases.get(5).complete(Outcome.rateLimited(Duration.ofSeconds(90)));
    assertThat(events.ejected).hasSize(2);

    time.advance(Duration.ofSeconds(89));
    assertThat(lifecycle(router, "e0")).isEqualTo(Lifecycle.EJECTED);
    time.advance(Duration.ofSeconds(2));
    assertThat(lifecycle(router, "e0").isRoutable()).isTrue();
  }

  @Test
  void whenAllProbesFailHalfOfTheEndpointsStay() {
    InferenceRouter router = router(this::probe, ProbePolicy.standard(), 4, 5);
    ill.addAll(List.of("e0", "e1", "e2", "e3"));
    time.advance(Duration.ofMinutes(2));

    assertThat(events.ejected).hasSize(2);
    assertThat(events.withheld).hasSize(2);
    assertThat(new Traffic(router, time, ANY).send(10, STEP, Outcome.success()))
        .doesNotContainKey("shed")
        .hasSize(2);
  }

  @Test
  void noMoreProbesAreUnderWayThanAllowedAndAllHaveTheirTurn() {
    ProbePolicy policy = ProbePolicy.builder().maxConcurrent(3).build();
    router(this::probe, policy, 60, 5);
    for (int i = 0; i < 60; i++) {
      silent.add("e" + i);
    }
    time.advance(Duration.ofMinutes(3));

    assertThat(mostUnderWay).isEqualTo(3);
    assertThat(new HashSet<>(asked)).hasSize(60);
  }

  @Test
  void endpointsThatJoinAreProbedAndThoseThatLeaveAreNot() {
    InferenceRouter router = router(this::probe, ProbePolicy.standard(), 2, 5);
    time.advance(Duration.ofSeconds(10));
    router.updateEndpoints(List.of(Endpoint.of("e1", "http://e1"), Endpoint.of("x", "http://x")));
    asked.clear();
    time.advance(Duration.ofSeconds(30));
    assertThat(asked).contains("e1", "x").doesNotContain("e0");

    router.close();
    asked.clear();
    time.advance(Duration.ofSeconds(30));
    assertThat(asked).isEmpty();
    assertThat(time.pending()).isZero();
  }

  @Test
  void thoseThatHaveLeftDoNotHoldUpTheWaitingLine() {
    ProbePolicy policy = ProbePolicy.builder().maxConcurrent(1).build();
    silent.add("e0");
    InferenceRouter router = router(this::probe, policy, 1, 5);
    time.advance(Duration.ofSeconds(6));
    for (int round = 0; round < 6 && underWay == 0; round++) {
      time.advance(Duration.ofMillis(500));
    }
    assertThat(underWay).isEqualTo(1);
    List<Endpoint> many =
        IntStream.range(0, 30).mapToObj(i -> Endpoint.of("x" + i, "http://x" + i)).toList();
    IntStream.range(0, 30).forEach(i -> silent.add("x" + i));
    router.updateEndpoints(many); // they soon wait in line
    time.advance(Duration.ofSeconds(20));

    router.updateEndpoints(List.of(many.get(28), many.get(29))); // and most of them leave
    asked.clear();
    silent.clear();
    time.advance(Duration.ofMinutes(2));

    assertThat(asked).contains("x28", "x29");
    assertThat(asked.stream().filter("x29"::equals)).hasSizeGreaterThan(10);
  }

  @Test
  void aTaskThatTheSchedulerRefusesDoesNotEndTheProbesOfAnEndpoint() {
    AtomicBoolean refuses = new AtomicBoolean();
    SplittableRandom random = new SplittableRandom(5);
    Scheduler scheduler =
        (delay, action) -> {
          if (refuses.getAndSet(false)) {
            throw new RejectedExecutionException("for once");
          }
          return time.schedule(delay, action);
        };
    var unused =
        InferenceRouters.builder()
            .endpoints(List.of(Endpoint.of("e0", "http://e0"), Endpoint.of("e1", "http://e1")))
            .ticker(time)
            .scheduler(scheduler)
            .executor(Runnable::run)
            .random(random::nextLong)
            .listener(events)
            .probe(this::probe, ProbePolicy.standard())
            .build();
    for (int i = 0; i < 4; i++) {
      time.advance(Duration.ofSeconds(30));
      for (int step = 0; step < 1_000 && underWay != 1; step++) {
        time.advance(STEP);
      }
      refuses.set(true); // the next turn of the one that is asked now
      time.advance(Duration.ofSeconds(30));
      assertThat(refuses).isFalse();
      asked.clear();
      time.advance(Duration.ofMinutes(1));

      assertThat(asked).contains("e0", "e1");
    }
    assertThat(events.faults).hasSize(4);
  }

  @Test
  void aProbeThatThrowsCountsAsOneThatFailsAndIsReported() {
    InferenceRouter router =
        router(
            (endpoint, timeout) -> {
              if (endpoint.id().equals("e0")) {
                throw new IllegalStateException("broken");
              }
              return CompletableFuture.completedFuture(ProbeResult.healthy());
            },
            ProbePolicy.standard(),
            2,
            5);
    time.advance(Duration.ofSeconds(30));

    assertThat(lifecycle(router, "e0")).isEqualTo(Lifecycle.EJECTED);
    assertThat(lifecycle(router, "e1").isRoutable()).isTrue();
    assertThat(events.faults).isNotEmpty();
  }
}
