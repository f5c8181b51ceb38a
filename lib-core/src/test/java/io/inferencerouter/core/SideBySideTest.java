package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.cost.CostEstimators;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Endpoints that work on several inputs at once, which nobody has declared. */
class SideBySideTest {
  private static final double SECONDS_PER_PAGE = 0.1;

  private final VirtualTime time = new VirtualTime();
  private final SplittableRandom random = new SplittableRandom(42);
  private final Map<String, Worker> workers = new LinkedHashMap<>();
  private double waited;
  private double worked;

  /** Works on so many documents at a time, in their order. */
  private final class Worker {
    private final int lanes;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int busy;
    private int documents;
    private double secondsFactor = 1;
    private double worked;

    Worker(int lanes) {
      this.lanes = lanes;
    }

    void submit(Lease lease, double onAnEqual) {
      double seconds = secondsFactor * onAnEqual;
      documents++;
      double arrived = time.elapsedSeconds();
      waiting.add(
          () -> {
            waited += time.elapsedSeconds() - arrived;
            this.worked += seconds;
            SideBySideTest.this.worked += seconds;
            time.schedule(
                Duration.ofNanos((long) (seconds * 1e9)),
                () -> {
                  busy--;
                  lease.complete(Outcome.success());
                  next();
                });
          });
      next();
    }

    private void next() {
      while (busy < lanes && !waiting.isEmpty()) {
        busy++;
        waiting.remove().run();
      }
    }
  }

  private InferenceRouter router(int endpoints, int lanes) {
    IntStream.range(0, endpoints).forEach(i -> workers.put("e" + i, new Worker(lanes)));
    SplittableRandom choices = new SplittableRandom(7);
    return InferenceRouters.builder()
        .endpoints(
            workers.keySet().stream()
                .map(id -> Endpoint.builder(id, "http://" + id).build())
                .toList())
        .costEstimator(CostEstimators.perUnit(InputUnit.PAGES, 100, 0))
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .random(choices::nextLong)
        .build();
  }

  /** Documents of one to fifty pages; how long a page takes differs from one to the next. */
  private void send(InferenceRouter router, int documents, double load, int lanes) {
    double meanSeconds = 25.5 * SECONDS_PER_PAGE;
    double perSecond = load * workers.size() * lanes / meanSeconds;
    for (int i = 0; i < documents; i++) {
      int pages = random.nextInt(1, 51);
      double seconds = pages * SECONDS_PER_PAGE * 2 * random.nextDouble();
      Lease lease =
          router.acquire(
              InferenceRequest.forAnyModel().input(InputUnit.PAGES, pages).outputLimit(0).build());
      Worker worker = workers.get(lease.endpoint().id());
      assertThat(worker).isNotNull();
      worker.submit(lease, seconds);
      time.advance(Duration.ofNanos((long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9)));
    }
  }

  @Test
  void whoWorksOnFourAtATimeHasRoomForFour() {
    InferenceRouter router = router(6, 4);
    send(router, 3_000, 0.75, 4);
    waited = 0;
    worked = 0;

    send(router, 6_000, 0.75, 4);

    // In any other slot that is free they would not have waited at all.
    assertThat(waited / worked).isLessThan(0.03);
    time.advance(Duration.ofMinutes(5));
    assertIdle(router);
  }

  @ParameterizedTest
  @CsvSource({"1, 0.75", "4, 0.9"})
  void fewWaitLongHoweverManyAreWorkedOnAtATime(int lanes, double load) {
    InferenceRouter router = router(6, lanes);
    send(router, 3_000, load, lanes);
    waited = 0;
    worked = 0;

    send(router, 6_000, load, lanes);

    assertThat(waited / worked).isLessThan(lanes == 1 ? 0.6 : 0.3);
    time.advance(Duration.ofMinutes(5));
    assertIdle(router);
  }

  @Test
  void oneThatSeemsALittleFasterDoesNotGetAllThatIsThere() {
    String fastest = "e0";
    workers.clear();
    InferenceRouter router = router(4, 8);
    workers.forEach((id, worker) -> worker.secondsFactor = id.equals(fastest) ? 0.9 : 1);
    send(router, 2_000, 0.3, 8);
    workers.values().forEach(each -> each.documents = 0);

    send(router, 2_000, 0.3, 8);

    // Half as much again if lanes that are free were all worth the same.
    assertThat(workers.get(fastest).documents).isBetween(500, 650);
  }

  @Test
  void equalEndpointsWorkEquallyMuch() {
    InferenceRouter router = router(5, 2);
    send(router, 1_000, 0.5, 2);
    workers.values().forEach(each -> each.worked = 0);

    send(router, 1_000, 0.5, 2);

    double mean = workers.values().stream().mapToDouble(each -> each.worked).average().orElse(0);
    assertThat(workers.values())
        .allSatisfy(each -> assertThat(each.worked).isBetween(0.8 * mean, 1.2 * mean));
  }
}
