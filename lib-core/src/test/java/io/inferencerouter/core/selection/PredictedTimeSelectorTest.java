package io.inferencerouter.core.selection;

import static io.inferencerouter.core.selection.FailingFast.SINKHOLE;
import static io.inferencerouter.core.testing.Fleets.gpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.ServedModel;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.SlowStart;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualGpu;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PredictedTimeSelectorTest {
  private final VirtualTime time = new VirtualTime();
  private final SplittableRandom random = new SplittableRandom(7);

  private InferenceRouter router(Endpoint... endpoints) {
    return InferenceRouters.builder()
        .slowStart(SlowStart.none())
        .health(HealthPolicy.none())
        .endpoints(List.of(endpoints))
        .costEstimator(Fleets.proportionalText())
        .ticker(time)
        .scheduler(time)
        .random(random::nextLong)
        .executor(Runnable::run)
        .build();
  }

  private static InferenceRequest tokens(long count) {
    return InferenceRequest.forModel("m").input(InputUnit.TOKENS, count).outputLimit(0).build();
  }

  private static Map<String, Integer> shares(InferenceRouter router, int requests) {
    Map<String, Integer> shares = new TreeMap<>();
    for (int i = 0; i < requests; i++) {
      Lease lease = router.acquire(tokens(100));
      shares.merge(lease.endpoint().id(), 1, Integer::sum);
      lease.complete(Outcome.success());
    }
    return shares;
  }

  @Test
  void anIdleFastEndpointIsPreferredToAnIdleSlowOne() {
    InferenceRouter router = router(gpu("fast", 4_000), gpu("slow", 1_000));

    assertThat(shares(router, 100)).containsExactly(Map.entry("fast", 100));
  }

  @Test
  void aBusyFastEndpointLosesToAnIdleSlowOneAtTheRightMoment() {
    InferenceRouter router = router(gpu("fast", 4_000), gpu("slow", 1_000));
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      order.add(router.acquire(tokens(1_000)).endpoint().id());
    }

    // 4 s of work on the fast one take as long as one request on the slow one.
    assertThat(order.subList(0, 3)).containsOnly("fast");
    assertThat(order.stream().filter("slow"::equals).count()).isEqualTo(2);
  }

  @Test
  void theWorkIsSharedInProportionToTheSpeed() {
    InferenceRouter router = router(gpu("fast", 8_000), gpu("middle", 4_000), gpu("slow", 2_000));
    for (int i = 0; i < 256; i++) {
      router.acquire(tokens(100));
    }

    assertThat(router.snapshot().endpoints())
        .extracting(e -> e.reservedInput().toMillis() / 1_000.0)
        .allSatisfy(seconds -> assertThat(seconds).isCloseTo(1.83, within(0.25)));
  }

  @Test
  void longPromptsGoWhereTheyAreReadSoonest() {
    InferenceRouter router = router(gpu("fast", 10_000), gpu("slow", 1_000));
    for (int i = 0; i < 20; i++) {
      router.acquire(tokens(500));
    }

    assertThat(router.acquire(tokens(50_000)).endpoint().id()).isEqualTo("fast");
  }

  @Test
  void aLongRequestCountsForMoreThanManyShortOnes() {
    InferenceRouter router = router(gpu("a", 1_000), gpu("b", 1_000));
    String busy = router.acquire(tokens(10_000)).endpoint().id();
    for (int i = 0; i < 20; i++) {
      assertThat(router.acquire(tokens(100)).endpoint().id()).isNotEqualTo(busy);
    }
  }

  private static Endpoint generating(String id, double inputRate, double outputRate) {
    return Endpoint.builder(id, "http://" + id)
        .region(id)
        .profile(HardwareProfile.builder(inputRate, outputRate).concurrencyPenalty(0).build())
        .build();
  }

  private static InferenceRequest chat(long output) {
    return InferenceRequest.forModel("m")
        .input(InputUnit.TOKENS, 1_000)
        .outputLimit(output)
        .build();
  }

  private static String choice(InferenceRouter router, InferenceRequest request) {
    return router.acquire(request).endpoint().id();
  }

  @Test
  void aBurstWaitsForTheFastEndpointAsLongAsThatTakesLessTimeThanAnAnswerOfTheSlowOne() {
    // Answers take 1 s of the one and 6.7 s of the other, which has read a prompt in 1 s; the other
    // reads ten a second.
    InferenceRouter router = router(generating("fast", 10_000, 100), generating("slow", 1_000, 15));

    for (int waiting = 0; waiting < 60; waiting++) {
      assertThat(choice(router, chat(100))).as("behind %d", waiting).isEqualTo("fast");
    }
    for (int waiting = 60; waiting < 160; waiting++) {
      router.acquire(chat(100));
    }
    assertThat(router.snapshot().endpoint("slow").orElseThrow().inFlight()).isPositive();
  }

  /** They are looked at four by four, and those of the first four begin to answer sooner. */
  @Test
  void whoComesLateAndIsBetterLeavesTheEarlierOnesOutOfTheBand() {
    Endpoint[] endpoints = new Endpoint[8];
    for (int i = 0; i < endpoints.length; i++) {
      endpoints[i] = i < 4 ? generating("s" + i, 2_000, 5) : generating("f" + i, 1_000, 100);
    }
    InferenceRouter router = router(endpoints);

    for (int i = 0; i < 4; i++) {
      assertThat(choice(router, chat(100))).startsWith("f");
    }
  }

  @Test
  void ofThoseThatTakeNoTimeEachIsChosenAsOften() {
    InferenceRouter router =
        router(gpu("a", 1_000), gpu("b", 1_000), gpu("c", 1_000), gpu("d", 1_000), gpu("e", 1_000));
    Map<String, Integer> shares = new TreeMap<>();
    for (int i = 0; i < 1_000; i++) {
      Lease lease = router.acquire(tokens(0));
      shares.merge(lease.endpoint().id(), 1, Integer::sum);
      lease.complete(Outcome.success());
    }

    assertThat(shares).hasSize(5).allSatisfy((id, share) -> assertThat(share).isBetween(150, 250));
  }

  @Test
  void aShortWaitCountsForMoreThanAsMuchOfTheAnswer() {
    // Behind 2 s of reading, the answer of the busy one ends half a second and more before the
    // other.
    InferenceRouter router = router(generating("busy", 2_000, 10), generating("idle", 2_000, 7.5));
    for (int i = 0; i < 4; i++) {
      router.acquire(tokens(1_000).toBuilder().allowedRegions("busy").build());
    }

    assertThat(choice(router, chat(100))).isEqualTo("idle");
  }

  @Test
  void aModelThatMustBeLoadedFirstWaitsForItsLoadTime() {
    Endpoint cold =
        gpu("cold", 1_000).toBuilder()
            .model(ServedModel.builder("m").loadTime(Duration.ofSeconds(20)).build())
            .build();
    Endpoint warm = gpu("warm", 1_000).toBuilder().model("m").build();
    InferenceRouter router = router(cold, warm);

    for (int i = 0; i < 15; i++) {
      assertThat(router.acquire(tokens(1_000)).endpoint().id()).isEqualTo("warm");
    }
    for (int i = 0; i < 10; i++) {
      router.acquire(tokens(1_000));
    }
    assertThat(router.snapshot().endpoint("cold").orElseThrow().inFlight()).isPositive();
  }

  @Test
  void aFailingEndpointDoesNotDrawTrafficByAnsweringFast() {
    InferenceRouter router = router(gpu(SINKHOLE, 100_000), gpu("a", 1_000), gpu("b", 1_000));

    assertThat(FailingFast.failures(router, time, 20, Duration.ofMillis(50))).isBetween(1, 60);
  }

  @Test
  void norDoesItWhereAnswersTakeHardlyAnyTime() {
    InferenceRouter router = router(gpu(SINKHOLE, 100_000), gpu("a", 100_000), gpu("b", 100_000));

    assertThat(FailingFast.failures(router, time, 200, Duration.ofMillis(1))).isBetween(1, 20);
  }

  @Test
  void anEndpointThatRecoversGetsItsTrafficBack() {
    InferenceRouter router = router(gpu("a", 1_000), gpu("b", 1_000));
    List<Lease> outage = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      outage.add(router.acquire(tokens(100)));
    }
    for (Lease lease : outage) {
      boolean bad = lease.endpoint().id().equals("a");
      lease.complete(bad ? Outcome.serverFault() : Outcome.success());
    }
    assertThat(router.snapshot().endpoint("a").orElseThrow().errorLevel()).isGreaterThan(4);
    assertThat(shares(router, 100)).containsOnlyKeys("b");

    int requests = 0;
    int onA = 0;
    while (onA < 100 && requests < 1_000) {
      Lease lease = router.acquire(tokens(100));
      onA += lease.endpoint().id().equals("a") ? 1 : 0;
      requests++;
      time.advance(Duration.ofMillis(500));
      lease.complete(Outcome.success());
    }
    assertThat(requests).isLessThan(1_000);
    assertThat(shares(router, 1_000).get("a")).isBetween(400, 600);
  }

  @Test
  void cancelledAndRejectedRequestsAreNobodysFault() {
    InferenceRouter router = router(gpu("a", 1_000), gpu("b", 1_000));
    for (int i = 0; i < 1_000; i++) {
      Lease lease = router.acquire(tokens(100));
      boolean onA = lease.endpoint().id().equals("a");
      lease.complete(
          onA
              ? switch (i % 3) {
                case 0 -> Outcome.cancelled();
                case 1 -> Outcome.rejected();
                default -> Outcome.rateLimited();
              }
              : Outcome.success());
    }

    assertThat(router.snapshot().endpoints()).allMatch(e -> e.errorLevel() == 0);
    assertThat(shares(router, 1_000).get("a")).isBetween(400, 600);
  }

  @Test
  void aNewEndpointIsNeitherFloodedNorStarved() {
    Map<String, VirtualGpu> gpus = new TreeMap<>();
    for (String id : List.of("a", "b", "c", "new")) {
      gpus.put(id, new VirtualGpu(time, 1_000, 10, 0));
    }
    Endpoint[] first = {gpu("a", 1_000), gpu("b", 1_000), gpu("c", 1_000)};
    InferenceRouter router = router(first);
    send(router, gpus, 200, Duration.ofMillis(45));
    router.updateEndpoints(List.of(first[0], first[1], first[2], Endpoint.of("new", "http://new")));
    send(router, gpus, 20, Duration.ofMillis(45));
    assertThat(gpus.get("new").served()).isBetween(1L, 15L);

    send(router, gpus, 400, Duration.ofMillis(45));

    assertThat(gpus.get("new").served()).isBetween(75L, 160L);
  }

  private void send(
      InferenceRouter router, Map<String, VirtualGpu> gpus, int requests, Duration apart) {
    for (int i = 0; i < requests; i++) {
      Lease lease = router.acquire(tokens(100));
      gpus.get(lease.endpoint().id()).serve(lease, 100, 0);
      time.advance(apart);
    }
  }

  @Test
  void manyClientsWithTheSameViewDoNotAllChooseTheSameEndpoint() {
    Map<String, Integer> shares = new TreeMap<>();
    Endpoint[] fleet = new Endpoint[8];
    for (int i = 0; i < fleet.length; i++) {
      fleet[i] = gpu("e" + i, 1_000 + i);
    }
    for (int client = 0; client < 800; client++) {
      shares.merge(router(fleet).acquire(tokens(100)).endpoint().id(), 1, Integer::sum);
    }

    assertThat(shares).hasSize(8);
    double chiSquare =
        shares.values().stream().mapToDouble(n -> (n - 100.0) * (n - 100) / 100).sum();
    assertThat(chiSquare).isLessThan(24.3); // 7 degrees of freedom, p = 0.001
  }

  @Test
  void speedsThatAreNotDeclaredFollowTheWeight() {
    InferenceRouter router =
        router(
            Endpoint.builder("strong", "http://strong").weight(3).build(),
            Endpoint.builder("weak", "http://weak").weight(1).build());
    for (int i = 0; i < 200; i++) {
      router.acquire(tokens(100));
    }

    assertThat(router.snapshot().endpoint("strong").orElseThrow().inFlight())
        .isCloseTo(150, within(10));
  }

  @Test
  void samplesOfALargeSetFollowTheWeightsAndReachEveryEndpoint() {
    double[] weights = new double[40];
    List<Endpoint> fleet = new ArrayList<>();
    double total = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = 1 + i % 4;
      total += weights[i];
      fleet.add(Endpoint.builder("e" + i, "http://e" + i).weight(weights[i]).build());
    }
    int[] sampled = new int[weights.length];
    int draws = 100_000;
    InferenceRouter router =
        Fleets.router(
            (request, candidates) -> {
              for (int stratum = 0; stratum < 4; stratum++) {
                sampled[candidates.sample(stratum, 4)]++;
              }
              return 0;
            },
            time,
            fleet);
    for (int i = 0; i < draws; i++) {
      router.acquire(tokens(1)).close();
    }

    for (int i = 0; i < weights.length; i++) {
      double expected = 4.0 * draws * weights[i] / total;
      assertThat((double) sampled[i]).isCloseTo(expected, within(0.06 * expected));
    }
  }

  @Test
  void anyTwoEndpointsOfALargeSetAreLookedAtTogether() {
    List<Endpoint> fleet = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      fleet.add(Endpoint.of("e" + i, "http://e" + i));
    }
    boolean[][] together = new boolean[20][20];
    InferenceRouter router =
        Fleets.router(
            (request, candidates) -> {
              int first = candidates.sample(0, 4);
              for (int stratum = 1; stratum < 4; stratum++) {
                int other = candidates.sample(stratum, 4);
                together[first][other] = true;
                together[other][first] = true;
              }
              return 0;
            },
            time,
            fleet);
    for (int i = 0; i < 20_000; i++) {
      router.acquire(tokens(1)).close();
    }

    for (int a = 0; a < 20; a++) {
      for (int b = 0; b < a; b++) {
        assertThat(together[a][b]).as("e%d with e%d", a, b).isTrue();
      }
    }
  }
}
