package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Attempts;
import io.inferencerouter.Endpoint;
import io.inferencerouter.Explanation;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.Usage;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests reserve memory together with their slot. */
class MemoryBudgetTest {
  private static final long BUDGET = 1_000;

  private final VirtualTime time = new VirtualTime();
  private final SplittableRandom random = new SplittableRandom(3);
  private final InferenceRouter router = router(gpu("gpu", BUDGET)).build();

  private static Endpoint gpu(String id, long budget) {
    return Endpoint.builder(id, "http://" + id)
        .region(id)
        .maxConcurrency(16)
        .memoryBudget(budget)
        .profile(HardwareProfile.builder(1_000, 50).build())
        .build();
  }

  private InferenceRouters.Builder router(Endpoint... endpoints) {
    return InferenceRouters.builder()
        .endpoints(List.of(endpoints))
        .ticker(time)
        .scheduler(time)
        .random(random::nextLong)
        .executor(Runnable::run);
  }

  /** A request that takes so many units of memory, a hundred of them for its output. */
  private static InferenceRequest units(long units) {
    return InferenceRequest.forModel("m")
        .input(InputUnit.TOKENS, units - 100)
        .outputLimit(100)
        .build();
  }

  private long reserved() {
    return router.snapshot().endpoint("gpu").orElseThrow().reservedMemory();
  }

  @ParameterizedTest
  @EnumSource
  void inputAndOutputAreReservedUntilTheEndWhateverItIs(Outcome.Kind kind) {
    Outcome outcome =
        switch (kind) {
          case SUCCESS -> Outcome.success().withUsage(Usage.of(5_000, 5_000));
          case CANCELLED -> Outcome.cancelled();
          case SERVER_FAULT -> Outcome.serverFault();
          case TIMEOUT -> Outcome.timeout();
          case RATE_LIMITED -> Outcome.rateLimited(Duration.ofSeconds(1));
          case REJECTED -> Outcome.rejected();
        };
    Lease silent = router.acquire(units(300));
    Lease stream = router.acquire(units(400));
    assertThat(reserved()).isEqualTo(700);

    stream.firstToken();
    stream.progress(1_000);
    assertThat(reserved()).isEqualTo(700);
    stream.complete(outcome);
    assertThat(reserved()).isEqualTo(300);
    silent.complete(outcome);
    silent.close();
    assertIdle(router);
  }

  @Test
  void theSumIsExactUnderManyLeasesWhileEstimatesChange() {
    List<Lease> leases = new ArrayList<>();
    List<Long> held = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < 5_000; i++) {
      if (random.nextInt(5) < 3) {
        long before = reserved();
        try {
          leases.add(router.acquire(units(101 + random.nextInt(400))));
          held.add(reserved() - before);
        } catch (OverloadedException full) {
          refused++;
        }
      } else if (!leases.isEmpty()) {
        int which = random.nextInt(leases.size());
        held.remove(which);
        leases
            .remove(which)
            .complete(Outcome.success().withUsage(Usage.of(10, random.nextInt(90))));
        time.advance(Duration.ofMillis(random.nextInt(3_000)));
      }
      assertThat(reserved()).isEqualTo(held.stream().mapToLong(Long::longValue).sum());
      assertThat(reserved()).isLessThanOrEqualTo(BUDGET);
    }

    assertThat(refused).isGreaterThan(100);
    leases.forEach(Lease::close);
    assertIdle(router);
  }

  @Test
  void theBudgetHoldsUnderAnyRace() throws Exception {
    int threads = 4;
    AtomicInteger holders = new AtomicInteger();
    AtomicInteger granted = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    List<Future<Integer>> most = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      most.add(
          pool.submit(
              () -> {
                int seen = 0;
                for (int i = 0; i < 20_000; i++) {
                  try (Lease lease = router.acquire(units(400))) {
                    seen = Math.max(seen, holders.incrementAndGet());
                    granted.incrementAndGet();
                    lease.firstToken();
                    holders.decrementAndGet();
                  } catch (OverloadedException full) {
                    assertThat(full).hasMessageContaining("memory");
                  }
                }
                return seen;
              }));
    }
    for (Future<Integer> seen : most) {
      assertThat(seen.get()).isLessThanOrEqualTo(2);
    }
    pool.shutdown();

    assertThat(granted).hasPositiveValue();
    assertIdle(router);
  }

  @Test
  void aRequestThatIsLargerThanTheBudgetRunsAlone() {
    Lease small = router.acquire(units(101));
    assertThatThrownBy(() -> router.acquire(units(BUDGET + 1)))
        .isInstanceOf(OverloadedException.class);
    small.close();

    Lease large = router.acquire(units(50 * BUDGET));
    assertThat(reserved()).isEqualTo(50 * BUDGET);
    assertThatThrownBy(() -> router.acquire(units(101))).isInstanceOf(OverloadedException.class);
    large.close();
    router.acquire(units(101)).close();
    assertIdle(router);
  }

  @Test
  void aBudgetThatJustSufficesSuffices() {
    Lease first = router.acquire(units(600));
    Lease second = router.acquire(units(400));

    assertThat(reserved()).isEqualTo(BUDGET);
    assertThatThrownBy(() -> router.acquire(units(101))).isInstanceOf(OverloadedException.class);
    first.close();
    second.close();
  }

  @Test
  void aRefusalSaysThatItIsForMemory() {
    router.acquire(units(900));

    assertThatThrownBy(() -> router.acquire(units(300)))
        .isInstanceOfSatisfying(
            OverloadedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(OverloadedException.Reason.NO_FREE_SLOT);
              assertThat(e.retryAfter()).isPositive();
            })
        .hasMessageContaining("full, 1 of them by their memory")
        .hasMessageContaining("expected: a free slot with memory for the request")
        .hasMessageContaining("or raise memoryBudget)");
  }

  @Test
  void aRefusalForSlotsDoesNotSpeakOfMemory() {
    for (int i = 0; i < 16; i++) {
      router.acquire(
          InferenceRequest.forModel("m").input(InputUnit.TOKENS, 1).outputLimit(0).build());
    }

    assertThatThrownBy(() -> router.acquire(units(101)))
        .hasMessageContaining("are full (expected: a free slot; retry")
        .hasMessageContaining("or raise maxConcurrency)")
        .message()
        .doesNotContain("memory");
  }

  @Test
  void anExplanationSaysWhatIsReservedAndWhatIsNeeded() {
    router.acquire(units(900));

    Explanation explanation = router.explain(units(300));

    assertThat(explanation.verdicts().get(0).removedBy())
        .contains("memory: 900 of 1000 reserved, 300 needed");
    assertThat(explanation.chosen()).isEmpty();
    assertThat(explanation.summary()).endsWith("; removed 1 by memory.");
    assertThat(router.explain(units(100)).chosen()).isPresent();
  }

  @Test
  void whereOneEndpointHasNoMemoryAnotherServes() {
    InferenceRouter two = router(gpu("small", 500), gpu("large", 5_000)).build();
    two.acquire(units(450).toBuilder().allowedRegions("small").build());
    for (int i = 0; i < 7; i++) {
      two.acquire(units(600));
    }

    assertThat(two.snapshot().endpoint("small").orElseThrow().reservedMemory()).isEqualTo(450);
    assertThat(two.snapshot().endpoint("large").orElseThrow().reservedMemory()).isEqualTo(4_200);
  }

  @Test
  void whoWaitsForMemoryIsServedWhenItIsReturned() {
    Lease first = router.acquire(units(500));
    Lease second = router.acquire(units(400));
    CompletableFuture<Lease> waiting = router.acquireAsync(units(700));
    assertThat(router.snapshot().queued()).isEqualTo(1);

    second.complete(Outcome.success());
    assertThat(waiting).isNotDone();
    first.complete(Outcome.cancelled());
    assertThat(waiting).isCompleted();
    assertThat(reserved()).isEqualTo(700);
    waiting.join().close();
    assertIdle(router);
  }

  /** The ways to wait for a lease. */
  enum Entry {
    ACQUIRE {
      @Override
      CompletableFuture<Lease> enter(InferenceRouter router, InferenceRequest request) {
        return router.acquireAsync(request);
      }
    },
    ATTEMPT {
      @Override
      CompletableFuture<Lease> enter(InferenceRouter router, InferenceRequest request) {
        return router.attempts(request).next();
      }
    },
    EXECUTE {
      @Override
      CompletableFuture<Lease> enter(InferenceRouter router, InferenceRequest request) {
        CompletableFuture<Lease> begun = new CompletableFuture<>();
        CompletableFuture<?> unused =
            router.executeAsync(
                request,
                lease -> {
                  begun.complete(lease);
                  return new CompletableFuture<>();
                });
        return begun;
      }
    };

    abstract CompletableFuture<Lease> enter(InferenceRouter router, InferenceRequest request);
  }

  static Stream<Arguments> whoWaitsForMuchMemoryIsNotOvertakenByThoseBehind() {
    return Stream.of(Entry.values())
        .flatMap(large -> Stream.of(Entry.values()).map(small -> Arguments.of(large, small)));
  }

  @ParameterizedTest
  @MethodSource
  void whoWaitsForMuchMemoryIsNotOvertakenByThoseBehind(Entry largeEntry, Entry smallEntry) {
    Lease first = router.acquire(units(850));
    CompletableFuture<Lease> large = largeEntry.enter(router, units(800));
    CompletableFuture<Lease> small = smallEntry.enter(router, units(101));
    CompletableFuture<Lease> behind = smallEntry.enter(router, units(101));
    assertThat(small).isNotDone();
    assertThat(behind).isNotDone();

    first.close();
    assertThat(large).isCompleted();
    assertThat(small).isCompleted();
    assertThat(behind).isNotDone(); // 800 and 101 are taken
    large.join().close();
    assertThat(behind).isCompleted();
    small.join().close();
    behind.join().close();
    assertIdle(router);
  }

  @Test
  void attemptsThatWereMadeAtTheSameEndpointsKeepTheirOrder() {
    InferenceRouter two = router(gpu("tried", BUDGET), gpu("other", BUDGET)).build();
    Attempts large = afterAFault(two, units(800));
    Attempts small = afterAFault(two, units(101));
    Lease first = two.acquire(atOther(850));

    CompletableFuture<Lease> waiting = large.next();
    CompletableFuture<Lease> behind = small.next();
    time.advance(Duration.ofSeconds(1)); // no back-off is longer
    assertThat(waiting).isNotDone();
    assertThat(behind).isNotDone();

    first.close();
    assertThat(waiting).isCompleted();
    assertThat(behind).isCompleted();
    waiting.join().close();
    behind.join().close();
  }

  /** The attempts at a request that has failed once, at the endpoint called tried. */
  private static Attempts afterAFault(InferenceRouter router, InferenceRequest request) {
    Lease elsewhere = router.acquire(atOther(1_000));
    Attempts attempts = router.attempts(request.toBuilder().idempotent(true).build());
    assertThat(attempts.nextNow().endpoint().id()).isEqualTo("tried");
    elsewhere.close();
    assertThat(attempts.retryAfter(Outcome.serverFault())).isPresent();
    return attempts;
  }

  private static InferenceRequest atOther(long units) {
    return units(units).toBuilder().allowedRegions("other").build();
  }

  @Test
  void waitingForMemoryEndsInTime() {
    InferenceRouter impatient =
        router(gpu("gpu", BUDGET)).maxQueueTime(Duration.ofSeconds(2)).queueCapacity(1).build();
    impatient.acquire(units(900));
    CompletableFuture<Lease> waiting = impatient.acquireAsync(units(300));
    CompletableFuture<Lease> tooMany = impatient.acquireAsync(units(300));
    time.advance(Duration.ofSeconds(3));

    assertThatThrownBy(waiting::join).hasMessageContaining("by their memory");
    assertThatThrownBy(tooMany::join).hasMessageContaining("queue: full");
  }

  @Test
  void aSelectorThatInsistsOnAFullEndpointCannotExceedTheBudget() {
    InferenceRouter stubborn =
        router(gpu("gpu", BUDGET)).selector((request, candidates) -> 0).build();
    Lease first = stubborn.acquire(units(900));

    assertThatThrownBy(() -> stubborn.acquire(units(300))).isInstanceOf(OverloadedException.class);
    CompletableFuture<Lease> waiting = stubborn.acquireAsync(units(300));
    assertThat(stubborn.snapshot().endpoints().get(0).reservedMemory()).isEqualTo(900);
    first.close();
    assertThat(waiting).isCompleted();
  }

  @Test
  void aBudgetThatChangesDoesNotDisturbWhatIsReserved() {
    Lease before = router.acquire(units(900));
    router.updateEndpoints(List.of(gpu("gpu", 2_000)));
    Lease after = router.acquire(units(1_000));
    assertThat(reserved()).isEqualTo(1_900);

    router.updateEndpoints(List.of(gpu("gpu", Endpoint.UNLIMITED_MEMORY)));
    Lease unlimited = router.acquire(units(5_000));
    assertThat(reserved()).isEqualTo(1_900);
    router.updateEndpoints(List.of(gpu("gpu", BUDGET)));
    before.close();
    after.close();
    unlimited.close();
    assertIdle(router);
  }
}
