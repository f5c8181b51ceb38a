package io.inferencerouter.core.health;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.ActiveProbe;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.ProbeResult;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.ProbePolicy;
import io.inferencerouter.core.RetryPolicy;
import io.inferencerouter.core.testing.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every endpoint fails: with all defaults on, nobody hangs, storms or gives up for good. */
class AllEndpointsFailingTest {
  private static final InferenceRequest ANY =
      InferenceRequest.forAnyModel().idempotent(true).build();
  private static final Duration ANSWER = Duration.ofMillis(20);

  private final VirtualTime time = new VirtualTime();
  private final Set<String> failing = new HashSet<>(List.of("e0", "e1", "e2", "e3"));
  private final Map<String, Integer> attempts = new HashMap<>();
  private final List<RequestShed> shed = new ArrayList<>();
  private int answered;
  private int failed;
  private InferenceRouter router = settings().build();

  private InferenceRouters.Builder settings() {
    SplittableRandom random = new SplittableRandom(17);
    return InferenceRouters.builder()
        .endpoints(
            IntStream.range(0, 4).mapToObj(i -> Endpoint.of("e" + i, "http://e" + i)).toList())
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .random(random::nextLong)
        .listener(
            new RouterListener() {
              @Override
              public void leaseAcquired(Lease lease) {
                attempts.merge(lease.endpoint().id(), 1, Integer::sum);
              }

              @Override
              public void requestShed(RequestShed event) {
                shed.add(event);
              }
            });
  }

  @AfterEach
  void nothingIsLeft() {
    time.advance(Duration.ofMinutes(1));
    assertIdle(router);
    router.close();
  }

  /** Sends requests at an even rate, each with as many attempts as the router makes. */
  private void send(double seconds, double perSecond) {
    Duration gap = Duration.ofNanos((long) (1e9 / perSecond));
    for (int i = 0; i < seconds * perSecond; i++) {
      CompletableFuture<?> unused =
          router
              .executeAsync(ANY, this::answer)
              .handle((answer, failure) -> failure == null ? answered++ : failed++);
      time.advance(gap);
    }
  }

  private CompletableFuture<String> answer(Lease lease) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    String id = lease.endpoint().id();
    boolean fails = failing.contains(id);
    time.schedule(
        ANSWER,
        () -> {
          boolean unused =
              fails ? answer.completeExceptionally(new IOException(id)) : answer.complete(id);
        });
    return answer;
  }

  private int attempts() {
    return attempts.values().stream().mapToInt(Integer::intValue).sum();
  }

  // Nobody may be asked

  private void assertFailsAtOnce(Class<? extends InferenceRouterException> type, String... states) {
    double asked = time.elapsedSeconds();
    List<ThrowingCallable> ways =
        List.of(
            () -> router.acquire(ANY),
            () -> router.route("").acquire(ANY),
            () -> router.attempts(ANY).nextNow(),
            () -> join(router.acquireAsync(ANY)),
            () -> join(router.attempts(ANY).next()),
            () -> router.execute(ANY, lease -> lease.endpoint().id()),
            () -> join(router.executeAsync(ANY, this::answer)));
    for (ThrowingCallable way : ways) {
      assertThatThrownBy(way).isInstanceOf(type).hasMessageContainingAll(states);
    }
    assertThat(time.elapsedSeconds()).isEqualTo(asked);
    assertThat(shed)
        .hasSize(ways.size())
        .allSatisfy(s -> assertThat(s.reason()).isInstanceOf(type));
  }

  private static void join(CompletableFuture<?> future) throws Throwable {
    assertThat(future).as("without waiting for anything").isDone();
    try {
      future.join();
    } catch (CompletionException e) {
      throw e.getCause();
    }
  }

  @Test
  void whereNobodyMayBeAskedEveryCallFailsAtOnceAndTheReasonNamesEachState() {
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      leases.add(router.acquire(ANY));
    }
    leases.stream()
        .filter(lease -> lease.endpoint().id().equals("e0"))
        .forEach(lease -> lease.complete(Outcome.serverFault()));
    router.eject("e1", Duration.ofSeconds(30));
    CompletableFuture<Void> drained = router.drain("e2");
    router.eject("e3", Duration.ofMinutes(2));

    assertFailsAtOnce(
        NoEndpointException.class,
        "e0 EJECTED for PT10S (failures in a row: 5 (limit 5))",
        "e1 EJECTED for PT30S (requested)",
        "e2 DRAINING",
        "e3 EJECTED for PT2M (requested)");
    leases.forEach(Lease::close);
    assertThat(drained).isDone();
  }

  @Test
  void whereAllHaveAskedForTimeEveryCallFailsAtOnceAndTheReasonNamesEachWait() {
    for (int i = 0; i < 4; i++) {
      router.acquire(ANY).complete(Outcome.rateLimited(Duration.ofSeconds(20)));
      time.advance(Duration.ofSeconds(1));
    }
    attempts.clear();

    assertFailsAtOnce(
        OverloadedException.class,
        "e0 EJECTED for PT",
        "e1 EJECTED for PT",
        "e2 EJECTED for PT",
        "e3 EJECTED for PT",
        "EJECTED for PT16S (rate limited, seconds: 20.000",
        "EJECTED for PT19S (rate limited, seconds: 20.000",
        "retry after PT16S");
    assertThat(attempts).isEmpty();
  }

  // Panic

  @Test
  void whenAllFailHalfOfThemAreTriedWithEveryRequestAndAllOfThemInTurn() {
    for (int minute = 0; minute < 10; minute++) {
      attempts.clear();
      failed = 0;
      send(60, 10);

      assertThat(failed).as("none hangs, none is shed").isBetween(595, 605);
      assertThat(attempts()).isBetween(600, (int) (600 * 1.1) + 10 * 61);
      assertThat(
              router.snapshot().endpoints().stream()
                  .filter(e -> e.lifecycle().isRoutable())
                  .count())
          .isGreaterThanOrEqualTo(2);
    }
    assertThat(attempts.keySet()).as("within a minute").isEqualTo(failing);
    assertThat(shed).isEmpty();
    assertThat(answered).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"e0", "e1", "e2", "e3"})
  void theFirstThatRecoversServesAllWithinHalfAMinute(String recovered) {
    send(120, 10);
    assertThat(answered).isZero();

    failing.remove(recovered);
    send(30, 10);
    answered = 0;
    failed = 0;
    send(60, 10);

    assertThat(answered).isGreaterThan(540);
  }

  // No storm

  @ParameterizedTest
  @CsvSource({"0.5, 600", "5, 120", "50, 60", "1000, 20"})
  void attemptsStayWithinOneTenthMoreThanRequestsAndTheMinimum(double perSecond, double seconds) {
    send(seconds, perSecond);
    time.advance(Duration.ofSeconds(10));

    double requests = seconds * perSecond;
    assertThat(failed).isEqualTo((int) requests);
    assertThat((double) attempts())
        .isGreaterThanOrEqualTo(requests)
        .isLessThanOrEqualTo(
            1.1 * requests + RetryPolicy.DEFAULT_MIN_RETRIES_PER_SECOND * (seconds + 1));
    assertThat((double) attempts())
        .as("no request is sent more often than allowed")
        .isLessThanOrEqualTo(RetryPolicy.DEFAULT_MAX_ATTEMPTS * requests);
  }

  @Test
  void whatWasSavedInGoodTimesIsNoStormInBadOnes() {
    failing.clear();
    send(60, 200);
    assertThat(attempts()).isEqualTo(60 * 200);
    attempts.clear();

    failing.addAll(List.of("e0", "e1", "e2", "e3"));
    send(1, 200);
    time.advance(Duration.ofSeconds(5));

    // What the requests of the ten seconds before have earned, and the minimum.
    assertThat(attempts() - 200).isLessThanOrEqualTo(200 + 20 + 10 * 6);
  }

  // Probes

  @ParameterizedTest
  @CsvSource({"1, 3", "2, 3", "3, 2"})
  void thatOneThatWasEjectedIsWellAgainIsSeenByItsProbesWithinTheBound(int rise, int fall) {
    ActiveProbe probe =
        (endpoint, timeout) ->
            CompletableFuture.completedFuture(
                failing.contains(endpoint.id())
                    ? ProbeResult.unhealthy("503")
                    : ProbeResult.healthy());
    ProbePolicy policy =
        ProbePolicy.builder()
            .interval(Duration.ofSeconds(2))
            .jitter(Duration.ofMillis(500))
            .timeout(Duration.ofSeconds(1))
            .rise(rise)
            .fall(fall)
            .build();
    Duration bound = Duration.ofMillis(3_500L * rise);
    for (int phase = 0; phase < 20; phase++) {
      router.close();
      router =
          settings()
              .health(
                  HealthPolicy.builder() // so that nobody comes back by himself in that time
                      .ejection(Duration.ofMinutes(5), Duration.ofMinutes(5))
                      .build())
              .probe(probe, policy)
              .build();
      failing.addAll(List.of("e0", "e1", "e2", "e3"));
      send(60, 10);
      time.advance(Duration.ofMillis(173L * phase));
      String away =
          router.snapshot().endpoints().stream()
              .filter(endpoint -> !endpoint.lifecycle().isRoutable())
              .findFirst()
              .orElseThrow()
              .endpoint()
              .id();

      failing.remove(away);
      attempts.clear();
      send(bound.toMillis() * 1e-3, 10);
      assertThat(attempts).as("phase %d", phase).containsKey(away);
      time.advance(Duration.ofMinutes(1));
    }
  }
}
