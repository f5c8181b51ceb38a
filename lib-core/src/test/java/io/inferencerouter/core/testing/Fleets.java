package io.inferencerouter.core.testing;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.SlowStart;
import io.inferencerouter.core.cost.TextCostEstimator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Endpoints and routers for tests of selectors. */
public final class Fleets {
  private Fleets() {}

  /**
   * A router in virtual time, with the randomness of a fixed seed, to which reading takes time in
   * proportion to the input.
   */
  public static InferenceRouter router(
      EndpointSelector selector, VirtualTime time, List<Endpoint> endpoints) {
    SplittableRandom random = new SplittableRandom(11);
    return InferenceRouters.builder()
        .slowStart(SlowStart.none())
        .endpoints(endpoints)
        .selector(selector)
        .ticker(time)
        .scheduler(time)
        .random(random::nextLong)
        .executor(Runnable::run)
        .costEstimator(proportionalText())
        .build();
  }

  /** Reading takes time in proportion to the input, as on a {@link VirtualGpu} without growth. */
  public static CostEstimator proportionalText() {
    return TextCostEstimator.builder().doublingInput(Double.POSITIVE_INFINITY).build();
  }

  /** An endpoint that reads {@code inputRate} units per second, whatever runs beside it. */
  public static Endpoint gpu(String id, double inputRate) {
    return Endpoint.builder(id, "http://" + id)
        .profile(HardwareProfile.builder(inputRate, 50).build())
        .build();
  }

  /** Endpoints {@code e0}, {@code e1} and so on with these weights. */
  public static List<Endpoint> weighted(double... weights) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      endpoints.add(
          Endpoint.builder("e" + i, "http://e" + i)
              .weight(weights[i])
              .maxConcurrency(1024)
              .build());
    }
    return endpoints;
  }

  /** So many equal endpoints. */
  public static List<Endpoint> equal(int count) {
    double[] weights = new double[count];
    Arrays.fill(weights, 1);
    return weighted(weights);
  }

  /** A request of so many tokens, without output. */
  public static InferenceRequest tokens(long count) {
    return InferenceRequest.forAnyModel().input(InputUnit.TOKENS, count).outputLimit(0).build();
  }
}
