package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Attempts;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Route;
import io.inferencerouter.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Ten million leases, taken and ended in every way by many threads, while endpoints join, leave,
 * drain, are ejected and come back: all counters are exactly zero again and again.
 */
class LeaseChurnTest {
  private static final int THREADS = 8;
  private static final int LEASES = 10_000_000;
  private static final int ROUNDS = 5;
  private static final int ENDPOINTS = 8;
  private static final int KEPT = 4;
  private static final int LEASES_PER_CHANGE = 5_000;

  /** Places through which leases go from the thread that took them to any that ends them. */
  private static final int HELD = 128;

  private final InferenceRouter router =
      InferenceRouters.builder()
          .endpoints(endpoints(ENDPOINTS))
          .health(
              HealthPolicy.builder()
                  .ejection(Duration.ofMillis(1), Duration.ofMillis(20))
                  .backOff(Duration.ofMillis(1), Duration.ofMillis(5))
                  .build())
          .slowStart(SlowStart.none())
          .build();
  private final Route route = router.route("small");
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final AtomicReferenceArray<Lease> held = new AtomicReferenceArray<>(HELD);
  private final LongAdder taken = new LongAdder();
  private final LongAdder ended = new LongAdder();
  private final LongAdder waits = new LongAdder();
  private final LongAdder settledWaits = new LongAdder();
  private final Queue<CompletableFuture<Void>> drains = new ConcurrentLinkedQueue<>();
  private final CyclicBarrier rounds = new CyclicBarrier(THREADS, this::roundIsOver);

  @AfterEach
  void close() {
    threads.shutdownNow();
    router.close();
  }

  /** Some with few slots, some with little memory, some with room for one model only. */
  private static List<Endpoint> endpoints(int count) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Endpoint.Builder endpoint = Endpoint.builder("e" + i, "http://e" + i);
      endpoint.model("small").model("large");
      switch (i % 4) {
        case 1 -> endpoint.maxConcurrency(16);
        case 2 -> endpoint.memoryBudget(2_000_000);
        case 3 -> endpoint.maxResidentModels(1);
        default -> endpoint.weight(2);
      }
      endpoints.add(endpoint.build());
    }
    return endpoints;
  }

  private static final InferenceRequest[] REQUESTS = new InferenceRequest[64];

  static {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < REQUESTS.length; i++) {
      REQUESTS[i] =
          InferenceRequest.forModel(i % 8 == 0 ? "large" : "small")
              .input(InputUnit.TOKENS, random.nextInt(20_000))
              .outputLimit(random.nextInt(1_000))
              .streaming(random.nextBoolean())
              .idempotent(random.nextBoolean())
              .build();
    }
  }

  @Test
  void tenMillionLeasesUnderChangesAndFailuresLeaveExactlyNothing() throws Exception {
    List<Future<?>> workers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      SplittableRandom random = new SplittableRandom(i);
      workers.add(
          threads.submit(
              () -> {
                for (int round = 0; round < ROUNDS; round++) {
                  work(LEASES / ROUNDS / THREADS, random);
                  rounds.await();
                }
                return null;
              }));
    }
    for (Future<?> worker : workers) {
      worker.get();
    }
    router.updateEndpoints(endpoints(ENDPOINTS));

    assertIdle(router);
    assertThat(taken.sum()).isGreaterThan(LEASES / 10L * 9).isEqualTo(ended.sum());
    // Those that were removed could only go once nothing was left on them.
    for (CompletableFuture<Void> drain : drains) {
      assertThat(drain.handle((done, failure) -> true).get(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private void work(int leases, SplittableRandom random) {
    int granted = 0;
    for (int asked = 0; granted < leases && asked < 4 * leases; asked++) {
      granted += take(random) ? 1 : 0;
      if (random.nextInt(LEASES_PER_CHANGE) == 0) {
        changeTheSet(random);
      }
    }
  }

  /** Runs while all workers wait. */
  private void roundIsOver() {
    for (int i = 0; i < HELD; i++) {
      Lease last = held.getAndSet(i, null);
      if (last != null) {
        end(last, Outcome.success());
      }
    }
    while (waits.sum() != settledWaits.sum()) {
      Thread.onSpinWait(); // the executor still brings what was waited for
    }
    assertIdle(router);
  }

  private boolean take(SplittableRandom random) {
    InferenceRequest request = REQUESTS[random.nextInt(REQUESTS.length)];
    try {
      switch (random.nextInt(64)) {
        case 0 -> waitOrNot(request, random.nextBoolean());
        case 1, 2, 3 -> attempts(router.attempts(request), random);
        default -> {
          Lease lease =
              request.model().equals("small") ? route.acquire(request) : router.acquire(request);
          taken.increment();
          use(lease, random);
        }
      }
      return true;
    } catch (InferenceRouterException full) {
      assertThat(full).hasMessageContaining("expected: ");
      return false;
    }
  }

  private void waitOrNot(InferenceRequest request, boolean cancel) {
    waits.increment();
    CompletableFuture<Lease> waiting = router.acquireAsync(request);
    CompletableFuture<?> unused =
        waiting.whenComplete(
            (lease, failure) -> {
              if (failure == null) {
                taken.increment();
                end(lease, Outcome.success());
              }
              settledWaits.increment();
            });
    if (cancel) {
      waiting.cancel(true);
    }
  }

  private void attempts(Attempts attempts, SplittableRandom random) {
    boolean again;
    do {
      Lease lease = attempts.nextNow();
      taken.increment();
      Outcome outcome = outcome(random);
      again = attempts.retryAfter(outcome).isPresent();
      ended.increment();
      end(lease, outcome, 0);
    } while (again);
  }

  /** Puts a lease where any thread may take it, and ends the one that was there. */
  private void use(Lease lease, SplittableRandom random) {
    int next = random.nextInt(16);
    if (next < 4) {
      lease.firstToken();
    }
    if (next < 2) {
      lease.progress(random.nextInt(2_000));
    }
    int place = random.nextInt(HELD);
    Lease before = held.getAndSet(place, lease);
    if (next == 5) {
      end(lease, Outcome.cancelled()); // while another thread may be about to end it as well
    }
    if (before != null) {
      end(before, outcome(random));
    }
  }

  private static Outcome outcome(SplittableRandom random) {
    int next = random.nextInt(5_000);
    if (next < 3_500) {
      return Outcome.success();
    }
    if (next < 4_000) {
      return Outcome.success().withUsage(Usage.of(random.nextInt(20_000), random.nextInt(1_000)));
    }
    if (next < 4_500) {
      return Outcome.cancelled();
    }
    if (next < 4_700) {
      return Outcome.serverFault();
    }
    if (next < 4_850) {
      return Outcome.timeout();
    }
    return next < 4_999 ? Outcome.rejected() : Outcome.rateLimited(Duration.ofMillis(1));
  }

  private void end(Lease lease, Outcome outcome) {
    end(lease, outcome, 1);
  }

  private void end(Lease lease, Outcome outcome, int expected) {
    int endings = lease.complete(outcome) ? 1 : 0;
    ended.add(endings);
    lease.close();
    assertThat(endings).isLessThanOrEqualTo(expected);
  }

  /** Half of the endpoints stay members all the time. */
  private void changeTheSet(SplittableRandom random) {
    int index = random.nextInt(ENDPOINTS);
    try {
      switch (random.nextInt(4)) {
        case 0 -> router.updateEndpoints(endpoints(KEPT + random.nextInt(ENDPOINTS - KEPT + 1)));
        case 1 -> router.eject("e" + index, Duration.ofMillis(1 + random.nextInt(5)));
        case 2 -> router.reinstate("e" + index);
        default -> drains.add(router.drain("e" + (KEPT + index % (ENDPOINTS - KEPT))));
      }
    } catch (IllegalArgumentException refusal) {
      assertThat(refusal).hasMessageContaining("expected: "); // it is not a member just now
    }
    for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
      assertThat(endpoint.inFlight()).isNotNegative();
      assertThat(endpoint.reservedInput()).isGreaterThanOrEqualTo(Duration.ZERO);
      assertThat(endpoint.reservedOutput()).isGreaterThanOrEqualTo(Duration.ZERO);
      assertThat(endpoint.reservedMemory()).isNotNegative();
    }
  }
}
