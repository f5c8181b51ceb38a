package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many threads at once: nothing is lost, nothing is left, no limit is exceeded. */
class ConcurrencyTest {
  private static final int SLOTS = 3;

  private static List<Endpoint> endpoints(int count) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      endpoints.add(Endpoint.builder("e" + i, "http://e" + i).maxConcurrency(SLOTS).build());
    }
    return endpoints;
  }

  private static InferenceRouter router() {
    return InferenceRouters.builder()
        .endpoints(endpoints(4))
        .queueCapacity(10_000)
        .maxQueueTime(Duration.ofMinutes(5))
        .build();
  }

  @Test
  void randomTrafficUnderChangesOfTheSetLeavesNothingBehind() throws Exception {
    InferenceRouter router = router();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    List<Future<?>> workers = new ArrayList<>();
    AtomicInteger working = new AtomicInteger(4);
    for (int worker = 0; worker < 4; worker++) {
      SplittableRandom random = new SplittableRandom(worker);
      workers.add(
          threads.submit(
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  traffic(router, random);
                }
                working.decrementAndGet();
              }));
    }
    workers.add(
        threads.submit(
            () -> {
              SplittableRandom random = new SplittableRandom(99);
              while (working.get() > 0) {
                changeTheSet(router, random);
              }
            }));
    for (Future<?> worker : workers) {
      worker.get();
    }
    threads.shutdown();
    router.updateEndpoints(endpoints(4));

    assertIdle(router);
    router.close();
  }

  private static void traffic(InferenceRouter router, SplittableRandom random) {
    InferenceRequest request =
        InferenceRequest.forAnyModel()
            .input(InputUnit.TOKENS, random.nextInt(100_000))
            .outputLimit(random.nextInt(1_000))
            .build();
    try {
      Lease lease = router.acquire(request);
      if (random.nextInt(2) == 0) {
        lease.firstToken();
      }
      if (random.nextInt(2) == 0) {
        lease.progress(random.nextInt(2_000));
      }
      switch (random.nextInt(3)) {
        case 0 -> lease.complete(Outcome.success());
        case 1 -> lease.complete(Outcome.serverFault());
        default -> lease.close();
      }
      lease.close();
    } catch (InferenceRouterException refused) {
      assertThat(refused).hasMessageContaining("expected: ");
    }
  }

  private static void changeTheSet(InferenceRouter router, SplittableRandom random) {
    String id = "e" + random.nextInt(4);
    try {
      switch (random.nextInt(4)) {
        case 0 -> router.updateEndpoints(endpoints(1 + random.nextInt(4)));
        case 1 -> router.eject(id, Duration.ofMinutes(1));
        case 2 -> router.reinstate(id);
        default -> assertThat(router.drain(id)).isNotNull();
      }
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageContaining("expected: ");
    }
  }

  @Test
  void everyWaiterIsServedAndTheSlotLimitHolds() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    exercise(threads, 2_000);
    threads.shutdown();
  }

  @Test
  void virtualThreadsWaitAndReleaseLikeOthers() throws Exception {
    assumeTrue(
        Runtime.version().feature() >= 21, "virtual threads need Java 21; run with -Dtest.jvm=…");
    ExecutorService threads =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    exercise(threads, 5_000);
    threads.shutdown();
  }

  private static void exercise(ExecutorService threads, int requests) throws Exception {
    InferenceRouter router = router();
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Callable<String>> calls = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      calls.add(
          () ->
              router.execute(
                  InferenceRequest.anyModel(),
                  lease -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    Thread.onSpinWait();
                    running.decrementAndGet();
                    return lease.endpoint().id();
                  }));
    }
    for (Future<String> call : threads.invokeAll(calls)) {
      assertThat(call.get()).startsWith("e");
    }

    assertThat(most.get()).isLessThanOrEqualTo(4 * SLOTS);
    assertIdle(router);
    router.close();
  }

  @Test
  void cancellationsThatRaceWithGrantsLoseNoSlot() throws Exception {
    InferenceRouter router = router();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    for (int round = 0; round < 300; round++) {
      List<Lease> held = new ArrayList<>();
      for (int i = 0; i < 4 * SLOTS; i++) {
        held.add(router.acquire(InferenceRequest.anyModel()));
      }
      List<CompletableFuture<Lease>> waiting = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        waiting.add(router.acquireAsync(InferenceRequest.anyModel()));
      }
      Future<?> releasing = threads.submit(() -> held.forEach(Lease::close));
      Future<?> cancelling = threads.submit(() -> waiting.forEach(f -> f.cancel(true)));
      releasing.get();
      cancelling.get();
      for (CompletableFuture<Lease> future : waiting) {
        if (!future.isCancelled()) {
          future.get().close();
        }
      }
      while (router.snapshot().inFlight() > 0) {
        Thread.onSpinWait(); // the executor still returns what was granted and cancelled
      }
      assertIdle(router);
    }
    threads.shutdown();
    router.close();
  }
}
