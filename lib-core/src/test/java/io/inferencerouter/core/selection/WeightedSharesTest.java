package io.inferencerouter.core.selection;

import static io.inferencerouter.core.testing.Fleets.tokens;
import static io.inferencerouter.core.testing.Fleets.weighted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.SlowStart;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The policies that look at nothing but the weights. */
class WeightedSharesTest {
  private static final int PICKS = 100_000;
  private static final double[] WEIGHTS = {5, 1, 1, 3, 7, 0.5, 2.5};
  private static final double TOTAL = 20;
  private static final int CYCLE = 40;
  private static final InferenceRequest REQUEST = tokens(100);

  private final VirtualTime time = new VirtualTime();

  private static int next(InferenceRouter router) {
    try (Lease lease = router.acquire(REQUEST)) {
      return Integer.parseInt(lease.endpoint().id().substring(1));
    }
  }

  private static int[] shares(InferenceRouter router, int picks, int size) {
    int[] shares = new int[size];
    for (int i = 0; i < picks; i++) {
      shares[next(router)]++;
    }
    return shares;
  }

  private static void assertProportional(int[] shares, double[] weights, double tolerance) {
    double total = 0;
    long picks = 0;
    for (int i = 0; i < weights.length; i++) {
      total += weights[i];
      picks += shares[i];
    }
    for (int i = 0; i < weights.length; i++) {
      double expected = picks * weights[i] / total;
      assertThat((double) shares[i]).isCloseTo(expected, within(tolerance * expected));
    }
  }

  private InferenceRouter startingAt(long firstTurn) {
    LongSupplier random = () -> firstTurn;
    return InferenceRouters.builder()
        .slowStart(SlowStart.none())
        .endpoints(weighted(WEIGHTS))
        .selector(Selectors.weightedRoundRobin())
        .ticker(time)
        .scheduler(time)
        .random(random)
        .build();
  }

  /** In each run of picks up to a cycle, everybody is less than two from its share. */
  private static void assertSmooth(int[] picks) {
    double[][] taken = new double[picks.length + 1][WEIGHTS.length];
    for (int t = 0; t < picks.length; t++) {
      taken[t + 1] = taken[t].clone();
      taken[t + 1][picks[t]]++;
    }
    for (int end = 1; end <= picks.length; end++) {
      for (int window = 1; window <= Math.min(end, CYCLE); window++) {
        for (int i = 0; i < WEIGHTS.length; i++) {
          double share = window * WEIGHTS[i] / TOTAL;
          double difference = taken[end][i] - taken[end - window][i] - share;
          if (!(Math.abs(difference) < (window == CYCLE ? 1e-9 : 2))) {
            throw new AssertionError("e" + i + ": " + difference + " in " + window + " turns");
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 5, -1, 2L * Integer.MAX_VALUE - 5, 1L << 33})
  void turnsAreSmoothAndSharesExactWhereverTheCountBegins(long firstTurn) {
    InferenceRouter router = startingAt(firstTurn);
    int[] picks = new int[20 * CYCLE];
    for (int i = 0; i < picks.length; i++) {
      picks[i] = next(router);
    }

    assertSmooth(picks);
    assertProportional(shares(router, PICKS, WEIGHTS.length), WEIGHTS, 0.01);
  }

  @Test
  void updatesOfTheSetDoNotInterruptTheRotation() {
    InferenceRouter router = startingAt(-1);
    int[] picks = new int[20 * CYCLE];
    for (int i = 0; i < picks.length; i++) {
      if (i % 7 == 3) {
        router.updateEndpoints(weighted(WEIGHTS));
      }
      picks[i] = next(router);
    }

    assertSmooth(picks);
  }

  @Test
  void endpointsThatComeAndGoDoNotDisturbTheSharesOfTheOthers() {
    InferenceRouter router = Fleets.router(Selectors.weightedRoundRobin(), time, weighted(WEIGHTS));
    List<Endpoint> more = new ArrayList<>(weighted(WEIGHTS));
    more.add(Endpoint.builder("e" + WEIGHTS.length, "http://more").weight(3).build());
    int[] shares = new int[WEIGHTS.length + 1];
    for (int i = 0; i < PICKS; i++) {
      if (i % 997 == 0) {
        router.updateEndpoints(i / 997 % 2 == 0 ? more : weighted(WEIGHTS));
      }
      shares[next(router)]++;
    }

    assertProportional(shares, WEIGHTS, 0.01);
    assertThat((double) shares[WEIGHTS.length]).isCloseTo(PICKS / 2.0 * 3 / 23, within(70.0));
  }

  @Test
  void aRotationThatIsCutShortAgainAndAgainDoesNotBeginAtTheFirstEachTime() {
    InferenceRouter router = Fleets.router(Selectors.weightedRoundRobin(), time, weighted(WEIGHTS));
    int[] shares = new int[WEIGHTS.length];
    for (int i = 0; i < 10 * CYCLE; i++) {
      router.updateEndpoints(weighted(WEIGHTS));
      shares[next(router)]++;
    }

    assertProportional(shares, WEIGHTS, 1e-9);
  }

  static Stream<EndpointSelector> byWeight() {
    return Stream.of(Selectors.weightedRoundRobin(), Selectors.random());
  }

  @ParameterizedTest
  @MethodSource("byWeight")
  void theShareOfAFullEndpointGoesToAllOthersInProportion(EndpointSelector selector) {
    List<Endpoint> endpoints = new ArrayList<>(weighted(WEIGHTS));
    endpoints.set(4, endpoints.get(4).toBuilder().maxConcurrency(1).build());
    InferenceRouter router = Fleets.router(selector, time, endpoints);
    List<Lease> held = new ArrayList<>();
    while (router.snapshot().endpoint("e4").orElseThrow().inFlight() == 0) {
      held.add(router.acquire(REQUEST));
    }

    int[] shares = shares(router, PICKS, WEIGHTS.length);

    assertThat(shares[4]).isZero();
    double[] others = WEIGHTS.clone();
    others[4] = 0;
    double tolerance = selector == Selectors.random() ? 0.08 : 0.01;
    assertProportional(shares, others, tolerance);
    assertThat(held).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("byWeight")
  void theFewThatAreFreeAmongManyShareByWeight(EndpointSelector selector) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      endpoints.add(
          Endpoint.builder("e" + i, "http://e" + i)
              .weight(i % 100 == 50 ? 1 + i / 100 : 5)
              .maxConcurrency(i % 100 == 50 ? 1024 : 1)
              .build());
    }
    InferenceRouter router = Fleets.router(selector, time, endpoints);
    int full = 0;
    for (int i = 0; i < 100_000 && full < 396; i++) {
      Lease lease = router.acquire(REQUEST);
      if (lease.endpoint().maxConcurrency() == 1) {
        full++;
      } else {
        lease.close();
      }
    }

    int[] shares = shares(router, 20_000, 400);
    int[] free = {shares[50], shares[150], shares[250], shares[350]};
    assertThat(free[0] + free[1] + free[2] + free[3]).isEqualTo(20_000);
    assertProportional(free, new double[] {1, 2, 3, 4}, 0.1);
  }

  @Test
  void randomSharesFollowTheWeights() {
    InferenceRouter router = Fleets.router(Selectors.random(), time, weighted(WEIGHTS));

    int[] shares = shares(router, PICKS, WEIGHTS.length);

    double chiSquare = 0;
    for (int i = 0; i < shares.length; i++) {
      double expected = PICKS * WEIGHTS[i] / TOTAL;
      chiSquare += (shares[i] - expected) * (shares[i] - expected) / expected;
      // One percent of all picks is far beyond what chance does.
      assertThat((double) shares[i]).isCloseTo(expected, within(0.01 * PICKS));
    }
    assertThat(chiSquare).isLessThan(22.5); // 6 degrees of freedom, p = 0.001
  }

  @Test
  void underLoadWhatIsInFlightFollowsTheWeights() {
    SplittableRandom random = new SplittableRandom(3);
    InferenceRouter router =
        Fleets.router(Selectors.leastOutstandingRequests(), time, weighted(WEIGHTS));
    List<Lease> held = new ArrayList<>();
    for (int i = 0; i < 10 * CYCLE; i++) {
      held.add(router.acquire(REQUEST));
    }
    int[] shares = new int[WEIGHTS.length];
    for (int i = 0; i < PICKS; i++) {
      held.remove(random.nextInt(held.size())).complete(Outcome.success());
      held.add(router.acquire(REQUEST));
      for (Lease lease : i % 100 == 0 ? held : List.<Lease>of()) {
        shares[Integer.parseInt(lease.endpoint().id().substring(1))]++;
      }
    }

    assertProportional(shares, WEIGHTS, 0.01);
  }

  @Test
  void concurrentCallersTakeEachTurnOnce() throws Exception {
    InferenceRouter router = Fleets.router(Selectors.weightedRoundRobin(), time, weighted(WEIGHTS));
    AtomicIntegerArray shares = new AtomicIntegerArray(WEIGHTS.length);
    int threads = 4;
    ExecutorService callers = Executors.newFixedThreadPool(threads);
    try {
      List<CompletableFuture<Void>> done = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        done.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < 100 * CYCLE; i++) {
                    shares.incrementAndGet(next(router));
                  }
                },
                callers));
      }
      CompletableFuture.allOf(done.toArray(new CompletableFuture<?>[0])).get(30, TimeUnit.SECONDS);
    } finally {
      callers.shutdownNow();
    }

    for (int i = 0; i < WEIGHTS.length; i++) {
      assertThat((double) shares.get(i)).isEqualTo(threads * 100 * CYCLE * WEIGHTS[i] / TOTAL);
    }
  }

  @ParameterizedTest
  @MethodSource("byWeight")
  void anExplanationSaysHowManyRequestsThereAreForOneTurn(EndpointSelector selector) {
    InferenceRouter router = Fleets.router(selector, time, weighted(1, 3));

    var verdicts = router.explain(REQUEST).verdicts();

    assertThat(verdicts.get(0).terms()).containsEntry("requests per turn", 4.0);
    assertThat(verdicts.get(1).score()).isCloseTo(4.0 / 3, within(1e-9));
  }

  @Test
  void explainingDoesNotMoveTheRotation() {
    InferenceRouter router = startingAt(0);
    for (int i = 0; i < CYCLE; i++) {
      String explained = router.explain(REQUEST).chosen().orElseThrow().id();
      assertThat("e" + next(router)).isEqualTo(explained);
    }
  }
}
