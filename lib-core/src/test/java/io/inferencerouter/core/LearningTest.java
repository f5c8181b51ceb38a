package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualGpu;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the router learns of the speed of endpoints, on modelled GPUs in virtual time. */
class LearningTest {
  private static final String MODEL = "llama";

  /** True speeds: as different in reading as in writing, but not in the same proportion. */
  private enum Card {
    FAST(5_000, 80),
    MIDDLE(2_500, 50),
    SLOW(1_600, 35);

    final double inputRate;
    final double outputRate;

    Card(double inputRate, double outputRate) {
      this.inputRate = inputRate;
      this.outputRate = outputRate;
    }
  }

  private final VirtualTime time = new VirtualTime();
  private final SplittableRandom random = new SplittableRandom(42);
  private final Map<String, VirtualGpu> gpus = new LinkedHashMap<>();

  private VirtualGpu gpu(String id, Card card) {
    return gpus.computeIfAbsent(
        id, key -> new VirtualGpu(time, card.inputRate, card.outputRate, 0.02));
  }

  private InferenceRouter router(List<Endpoint> endpoints) {
    SplittableRandom choices = new SplittableRandom(7);
    return InferenceRouters.builder()
        .endpoints(endpoints)
        .costEstimator(Fleets.proportionalText())
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .random(choices::nextLong)
        .build();
  }

  private static Endpoint.Builder endpoint(String id) {
    return Endpoint.builder(id, "http://" + id).model(MODEL);
  }

  private static Endpoint declared(String id, Card card, double factor) {
    return endpoint(id)
        .profile(HardwareProfile.builder(card.inputRate * factor, card.outputRate * factor).build())
        .build();
  }

  /** Sends streams of random size at a rate, and returns the share of input that each GPU read. */
  private Map<String, Double> send(InferenceRouter router, int requests, double perSecond) {
    return send(router, requests, perSecond, 100, 2_000, "");
  }

  private Map<String, Double> send(
      InferenceRouter router, int requests, double perSecond, int least, int most, String region) {
    Map<String, Double> before = new LinkedHashMap<>();
    gpus.forEach((id, gpu) -> before.put(id, gpu.inputServed()));
    for (int i = 0; i < requests; i++) {
      long input = random.nextInt(least, most + 1);
      long output = random.nextInt(20, 200);
      InferenceRequest.Builder request =
          InferenceRequest.forModel(MODEL)
              .streaming(true)
              .input(InputUnit.TOKENS, input)
              .outputLimit(output);
      if (!region.isEmpty()) {
        request.allowedRegions(region);
      }
      Lease lease = router.acquire(request.build());
      VirtualGpu gpu = gpus.get(lease.endpoint().id());
      assertThat(gpu).isNotNull();
      gpu.serve(lease, input, output);
      time.advance(Duration.ofNanos((long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9)));
    }
    double total = 0;
    Map<String, Double> shares = new LinkedHashMap<>();
    for (Map.Entry<String, VirtualGpu> gpu : gpus.entrySet()) {
      double read = gpu.getValue().inputServed() - before.getOrDefault(gpu.getKey(), 0.0);
      shares.put(gpu.getKey(), read);
      total += read;
    }
    for (Map.Entry<String, Double> share : shares.entrySet()) {
      share.setValue(share.getValue() / total);
    }
    return shares;
  }

  private void drain(InferenceRouter router) {
    time.advance(Duration.ofMinutes(10));
    assertIdle(router);
  }

  private static final List<Card> MIXED =
      List.of(Card.FAST, Card.FAST, Card.MIDDLE, Card.MIDDLE, Card.SLOW, Card.SLOW);

  /** A load of about 80 % of what a mixed fleet can read. */
  private static final double MIXED_RATE = 0.8 * (2 * (5_000 + 2_500 + 1_600)) / 1_050;

  private InferenceRouter mixed(double... factors) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < MIXED.size(); i++) {
      gpu("gpu" + i, MIXED.get(i));
      endpoints.add(declared("gpu" + i, MIXED.get(i), factors[i]));
    }
    return router(endpoints);
  }

  @Test
  void sharesComeWithinTenPercentOfTheRightOnesWithinFiveHundredRequests() {
    LearningTest reference = new LearningTest();
    InferenceRouter right = reference.mixed(1, 1, 1, 1, 1, 1);
    reference.send(right, 500, MIXED_RATE);
    Map<Card, Double> rightShares = byCard(reference.send(right, 20_000, MIXED_RATE));
    InferenceRouter wrong = mixed(4, 1, 0.25, 1, 0.25, 4);

    send(wrong, 500, MIXED_RATE);
    for (int window = 0; window < 3; window++) { // and stay there
      byCard(send(wrong, 20_000, MIXED_RATE))
          .forEach(
              (card, share) ->
                  assertThat(share)
                      .as("%s", card)
                      .isCloseTo(rightShares.get(card), withinPercentage(10)));
    }
    drain(wrong);
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 24})
  void weightsThatAreWrongByFourAreFoundOutToo(int size) {
    LearningTest reference = new LearningTest();
    double rate = MIXED_RATE * size / 6;
    InferenceRouter right = reference.weighted(size, new double[] {1, 1, 1, 1, 1, 1});
    reference.send(right, 500 * size / 6, rate);
    Map<Card, Double> rightShares = byCard(reference.send(right, 20_000 * size / 6, rate));
    InferenceRouter wrong = weighted(size, new double[] {4, 1, 0.25, 1, 0.25, 4});

    send(wrong, 500 * size / 6, rate);
    Map<String, Double> shares = send(wrong, 20_000 * size / 6, rate);

    byCard(shares)
        .forEach(
            (card, share) ->
                assertThat(share)
                    .as("%s", card)
                    .isCloseTo(rightShares.get(card), withinPercentage(10)));
    drain(wrong);
  }

  /** Oscillation would be shares that differ more from window to window than chance makes them. */
  @Test
  void whileWrongWeightsAreFoundOutSharesDoNotSwing() {
    LearningTest reference = new LearningTest();
    InferenceRouter right = reference.weighted(6, new double[] {1, 1, 1, 1, 1, 1});
    reference.send(right, 500, MIXED_RATE);
    double chance = reference.swing(right);
    InferenceRouter wrong = weighted(6, new double[] {4, 1, 0.25, 1, 0.25, 4});

    send(wrong, 500, MIXED_RATE);

    assertThat(swing(wrong)).isLessThan(1.25 * chance);
    drain(wrong);
  }

  /** How far a share moves from one short window to the next, on average over cards and windows. */
  private double swing(InferenceRouter router) {
    int windows = 30;
    double sum = 0;
    Map<Card, Double> before = byCard(send(router, 100, MIXED_RATE));
    for (int window = 0; window < windows; window++) {
      Map<Card, Double> now = byCard(send(router, 100, MIXED_RATE));
      for (Map.Entry<Card, Double> share : now.entrySet()) {
        sum += Math.abs(share.getValue() - before.getOrDefault(share.getKey(), 0.0));
      }
      before = now;
    }
    return sum / (windows * Card.values().length);
  }

  private InferenceRouter weighted(int size, double[] factors) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Card card = MIXED.get(i % MIXED.size());
      gpu("gpu" + i, card);
      double weight = card.inputRate / 1_600 * factors[i % factors.length];
      endpoints.add(endpoint("gpu" + i).weight(weight).build());
    }
    return router(endpoints);
  }

  private static Map<Card, Double> byCard(Map<String, Double> shares) {
    Map<Card, Double> sums = new EnumMap<>(Card.class);
    shares.forEach(
        (id, share) ->
            sums.merge(
                MIXED.get(Integer.parseInt(id.substring(3)) % MIXED.size()), share, Double::sum));
    return sums;
  }

  @Test
  void whoGetsTheLongPromptsIsNotCalledSlow() {
    gpu("long", Card.MIDDLE);
    gpu("short", Card.MIDDLE);
    InferenceRouter router =
        router(
            List.of(
                endpoint("long").region("north").build(),
                endpoint("short").region("south").build()));
    for (int round = 0; round < 40; round++) {
      send(router, 10, 0.4, 1_500, 6_000, "north");
      send(router, 10, 1.5, 50, 400, "south");
    }

    Map<String, Double> shares = send(router, 1_000, 3);

    assertThat(shares.get("long")).isCloseTo(0.5, within(0.05));
    drain(router);
  }

  @ParameterizedTest
  @CsvSource({"0, 0.3", "0, 0.6", "0, 0.85", "60, 0.3", "60, 0.6"})
  void equalGpusAreLearnedAsEqualThoughSizesAreHeavyTailedAndAnswersComeInOnePiece(
      int output, double load) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      gpu("e" + i, Card.MIDDLE);
      endpoints.add(declared("e" + i, Card.MIDDLE, 1));
    }
    InferenceRouter router = router(endpoints);
    double perSecond = load * 5 * 2_500 / 1_100;
    for (int i = 0; i < 1_000; i++) {
      long input = Math.min(20_000, (long) (300 / Math.pow(1 - random.nextDouble(), 0.8)));
      Lease lease =
          router.acquire(
              InferenceRequest.forModel(MODEL)
                  .input(InputUnit.TOKENS, input)
                  .outputLimit(output)
                  .build());
      VirtualGpu gpu = gpus.get(lease.endpoint().id());
      assertThat(gpu).isNotNull();
      gpu.serve(lease, input, output);
      time.advance(Duration.ofNanos((long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9)));
    }

    double least = Double.MAX_VALUE;
    double most = 0;
    for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
      double learned =
          endpoint.models().stream()
              .filter(model -> model.model().equals(MODEL))
              .findFirst()
              .orElseThrow()
              .secondsPerInputUnit();
      least = Math.min(least, learned * 2_500);
      most = Math.max(most, learned * 2_500);
    }
    assertThat(least).isGreaterThan(0.75);
    assertThat(most).isLessThan(1.3);
    assertThat(most / least).isLessThan(1.15);
    drain(router);
  }

  @Test
  void aThrottledGpuIsNoticedAndNoticedAgainWhenItRecovers() {
    InferenceRouter router =
        router(
            List.of(
                declared("a", Card.MIDDLE, 1),
                declared("b", Card.MIDDLE, 1),
                declared("c", Card.MIDDLE, 1)));
    gpu("a", Card.MIDDLE);
    gpu("b", Card.MIDDLE);
    gpu("c", Card.MIDDLE);
    double rate = 0.75 * 3 * 2_500 / 1_050;
    send(router, 1_000, rate);
    double healthy = send(router, 3_000, rate).get("a");
    gpus.get("a").slowDown(1.25);
    send(router, 500, rate);
    double throttled = send(router, 3_000, rate).get("a");
    gpus.get("a").slowDown(1 / 1.25);
    send(router, 1_000, rate);
    double recovered = send(router, 3_000, rate).get("a");

    assertThat(healthy).isCloseTo(1 / 3.0, within(0.02));
    assertThat(throttled).isLessThan(0.31);
    assertThat(recovered).isCloseTo(1 / 3.0, within(0.02));
    drain(router);
  }

  @Test
  void anEndpointThatIsAvoidedIsTriedAgain() {
    InferenceRouter router =
        router(List.of(declared("a", Card.MIDDLE, 1), declared("b", Card.MIDDLE, 1)));
    gpu("a", Card.MIDDLE);
    gpu("b", Card.MIDDLE);
    double light = 0.2 * 2_500 / 1_050;
    gpus.get("a").slowDown(10);
    send(router, 100, light);
    gpus.get("a").slowDown(0.1);
    double avoided = send(router, 50, light).get("a");
    send(router, 250, light);
    double again = send(router, 1_000, light).get("a");

    assertThat(avoided).isLessThan(0.2);
    assertThat(again).isCloseTo(0.5, within(0.1));
    drain(router);
  }

  /** Five that are always free sooner, and one that takes ten times as long, as is known of it. */
  @Test
  void anEndpointThatIsSlowByNatureIsTriedNowAndThenAndHardlyEver() {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < MIXED.size(); i++) {
      gpu("gpu" + i, Card.FAST);
      endpoints.add(declared("gpu" + i, Card.FAST, i == 0 ? 0.1 : 1));
    }
    gpus.get("gpu0").slowDown(10);
    InferenceRouter router = router(endpoints);
    double light = 0.3 * 5 * 5_000 / 1_050;
    send(router, 3_000, light);
    long before = gpus.get("gpu0").served();

    long longest = 0;
    long since = 0;
    for (int i = 0; i < 1_000; i++) {
      long served = gpus.get("gpu0").served();
      send(router, 30, light);
      since = gpus.get("gpu0").served() > served ? 0 : since + 30;
      longest = Math.max(longest, since);
    }

    assertThat(gpus.get("gpu0").served() - before).isLessThan(30_000 / 500);
    assertThat(longest).isLessThan(500L * MIXED.size());
    drain(router);
  }

  /** Requests come in bursts, so many could find that the slow one seems fast. */
  @Test
  void aTrialIsOneRequestHoweverManyComeAtOnce() {
    List<Endpoint> endpoints = List.of(declared("a", Card.FAST, 1), declared("b", Card.FAST, 0.1));
    gpu("a", Card.FAST);
    gpu("b", Card.FAST).slowDown(10);
    InferenceRouter router = router(endpoints);
    InferenceRequest request =
        InferenceRequest.forModel(MODEL)
            .streaming(true)
            .input(InputUnit.TOKENS, 1_000)
            .outputLimit(100)
            .build();

    List<Integer> trials = new ArrayList<>();
    for (int burst = 0; burst < 6_000; burst++) {
      int slow = 0;
      for (int i = 0; i < 4; i++) {
        Lease lease = router.acquire(request);
        VirtualGpu gpu = gpus.get(lease.endpoint().id());
        assertThat(gpu).isNotNull();
        gpu.serve(lease, 1_000, 100);
        slow += lease.endpoint().id().equals("b") ? 1 : 0;
      }
      if (slow > 0 && burst > 100) {
        trials.add(slow);
      }
      time.advance(Duration.ofSeconds(2));
    }

    assertThat(trials).hasSizeGreaterThan(5).containsOnly(1);
    drain(router);
  }

  @Test
  void aStreamOnANewEndpointTeachesBeforeItEnds() {
    InferenceRouter router = router(List.of(endpoint("slow").build()));
    double believed = secondsPerOutputUnit(router);
    Lease lease =
        router.acquire(
            InferenceRequest.forModel(MODEL).input(InputUnit.TOKENS, 10).streaming(true).build());
    time.advance(Duration.ofMillis(100));
    lease.firstToken();

    for (int i = 0; i < 20; i++) {
      time.advance(Duration.ofSeconds(1));
      lease.progress(1);
    }

    assertThat(secondsPerOutputUnit(router)).isGreaterThan(3 * believed);
    lease.close();
    assertIdle(router);
  }

  @Test
  void aVeryLongInputSaysNothingOfTheTimeOfOutputs() {
    gpu("slow", Card.SLOW);
    InferenceRouter router = router(List.of(endpoint("slow").build()));
    send(router, 50, 0.5);
    drain(router);
    double believed = secondsPerOutputUnit(router);

    for (int i = 0; i < 3; i++) {
      Lease lease =
          router.acquire(
              InferenceRequest.forModel(MODEL)
                  .input(InputUnit.TOKENS, 100_000)
                  .streaming(true)
                  .build());
      time.advance(Duration.ofSeconds(62));
      lease.firstToken();
      time.advance(Duration.ofSeconds(40)); // as another such input was read
      lease.complete(Outcome.success().withUsage(Usage.of(100_000, 20)));
    }

    assertThat(secondsPerOutputUnit(router)).isCloseTo(believed, withinPercentage(5));
    assertIdle(router);
  }

  private static double secondsPerOutputUnit(InferenceRouter router) {
    return router.snapshot().endpoint("slow").orElseThrow().models().get(0).secondsPerOutputUnit();
  }
}
