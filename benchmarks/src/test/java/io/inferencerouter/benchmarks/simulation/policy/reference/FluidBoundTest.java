package io.inferencerouter.benchmarks.simulation.policy.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.measure.Percentiles;
import io.inferencerouter.benchmarks.simulation.policy.inference.Router;
import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class FluidBoundTest {
  private static final GpuModel FAST = new GpuModel("fast", 0, 0.1, 0.0001, 2, 1, 0.001, 100_000);
  private static final GpuModel SLOW = new GpuModel("slow", 0, 0.4, 0.0002, 4, 1, 0.002, 100_000);

  @Test
  void oneRequestTakesWhatItTakesAlone() {
    SimulatedRequest request = SimulatedRequest.text(0, 100, 3);

    FluidBound bound = FluidBound.of(List.of(request), List.of(serial("a", FAST, 5)), 1);

    // 10 + 1 to read, two steps of 3 with 101 and 102 tokens, and twice the way.
    double expected = 11 + 2 * 3 + 0.203 + 10;
    assertThat(bound.meanMillis()).isCloseTo(expected, within(1e-9));
    assertThat(bound.e2eMillis().p999()).isCloseTo(expected, within(1e-9));
  }

  @Test
  void onlyEndpointsThatServeItCount() {
    SimulatedRequest request = Router.request(100, "m", "", Blocks.NONE);
    EndpointSpec fast = new EndpointSpec("f", FAST, "", List.of("other"), 1, 1, 1, 0);
    EndpointSpec slow = serial("s", SLOW, 0);

    double both = FluidBound.of(List.of(request), List.of(fast, slow), 1).meanMillis();

    assertThat(both)
        .isCloseTo(FluidBound.of(List.of(request), List.of(slow), 1).meanMillis(), within(1e-9));
    assertThatThrownBy(() -> FluidBound.of(List.of(request), List.of(fast), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model: m");
  }

  @Test
  void whatWasReadBeforeNeedNotBeReadAgain() {
    SimulatedRequest request = Router.blocks(1, 2);

    double fresh = FluidBound.of(List.of(request), List.of(serial("a", FAST, 0)), 1).meanMillis();
    FluidBound twice =
        FluidBound.of(
            List.of(request, request), List.of(serial("a", FAST, 0), serial("b", FAST, 0)), 1);

    assertThat(twice.meanMillis()).isLessThan(0.75 * fresh);
    assertThat(twice.e2eMillis().p999()).isCloseTo(fresh, within(1e-9));
  }

  @Test
  void aBurstTakesAsLongAsAllOfItsWork() {
    List<SimulatedRequest> burst = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      burst.add(SimulatedRequest.text(0, 1000, 1));
    }

    FluidBound bound = FluidBound.of(burst, List.of(serial("a", FAST, 0), serial("b", FAST, 0)), 1);

    // 200 ms each on two servers; the last is done at 10 s, the mean of the fluid at 5.05 s.
    assertThat(bound.e2eMillis().p999()).isCloseTo(10_000, within(1e-6));
    assertThat(bound.e2eMillis().p95()).isCloseTo(9_500, within(1e-6));
    assertThat(bound.meanMillis()).isCloseTo(5_050, within(1e-6));
  }

  @Test
  void arrivalsThatAreStretchedQueueLess() {
    List<SimulatedRequest> requests = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      requests.add(SimulatedRequest.text(i * 100_000_000L, 1000, 1));
    }
    List<EndpointSpec> fleet = List.of(serial("a", FAST, 0));

    assertThat(FluidBound.of(requests, fleet, 1).e2eMillis().p99()).isGreaterThan(5_000);
    assertThat(FluidBound.of(requests, fleet, 2).e2eMillis().p99()).isCloseTo(200, within(1e-6));
  }

  @Test
  void aSlowEndpointAddsOnlyItsShareOfSpeed() {
    List<SimulatedRequest> burst = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      burst.add(SimulatedRequest.text(0, 1000, 1));
    }

    double bound =
        FluidBound.of(burst, List.of(serial("a", FAST, 0), serial("b", SLOW, 0)), 1)
            .e2eMillis()
            .p999();

    // 20 s of work for the fast one; the other does a third of it in the same time.
    assertThat(bound).isCloseTo(15_000, within(1e-6));
  }

  @Test
  void requestsWithoutOutputHaveNone() {
    SimulatedRequest job = SimulatedRequest.text(0, 100, 0);

    assertThatThrownBy(() -> FluidBound.of(List.of(job), List.of(serial("a", FAST, 0)), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("outputTokens: 0 (expected: 1 or more)");
  }

  /** Endpoints that run one request at a time: every assignment, each in every order. */
  @Test
  void noScheduleOfSmallInstancesIsBelow() {
    SplittableRandom random = new SplittableRandom(42);
    double closestMean = Double.POSITIVE_INFINITY;
    double closestMedian = Double.POSITIVE_INFINITY;
    for (int instance = 0; instance < 60; instance++) {
      List<EndpointSpec> fleet =
          List.of(serial("a", FAST, 0), serial("b", random.nextBoolean() ? FAST : SLOW, 0));
      List<SimulatedRequest> requests = new ArrayList<>();
      long arrival = 0;
      for (int i = 0; i < 5; i++) {
        requests.add(
            SimulatedRequest.text(arrival, 1 + random.nextInt(2000), 1 + random.nextInt(40)));
        arrival += random.nextLong(random.nextBoolean() ? 1 : 600_000_000);
      }
      FluidBound bound = FluidBound.of(requests, fleet, 1);

      Best best = new Best();
      permute(requests, fleet, new int[requests.size()], 0, 0, best);

      assertThat(bound.meanMillis()).isLessThanOrEqualTo(best.mean + 1e-9);
      Percentiles e2e = bound.e2eMillis();
      assertThat(e2e.p50()).isLessThanOrEqualTo(best.median + 1e-9);
      assertThat(e2e.p95()).isLessThanOrEqualTo(best.largest + 1e-9);
      assertThat(e2e.p999()).isLessThanOrEqualTo(best.largest + 1e-9);
      closestMean = Math.min(closestMean, best.mean / bound.meanMillis());
      closestMedian = Math.min(closestMedian, best.median / e2e.p50());
    }
    assertThat(closestMean).isLessThan(1.05);
    assertThat(closestMedian).isLessThan(1.05);
  }

  private static final class Best {
    private double mean = Double.POSITIVE_INFINITY;
    private double median = Double.POSITIVE_INFINITY;
    private double largest = Double.POSITIVE_INFINITY;
  }

  /** All orders in which requests may be begun, and for each all assignments. */
  private static void permute(
      List<SimulatedRequest> requests,
      List<EndpointSpec> fleet,
      int[] order,
      int depth,
      int used,
      Best best) {
    if (depth == order.length) {
      for (int assignment = 0; assignment < 1 << order.length; assignment++) {
        serve(requests, fleet, order, assignment, best);
      }
      return;
    }
    for (int i = 0; i < order.length; i++) {
      if ((used & 1 << i) == 0) {
        order[depth] = i;
        permute(requests, fleet, order, depth + 1, used | 1 << i, best);
      }
    }
  }

  private static void serve(
      List<SimulatedRequest> requests,
      List<EndpointSpec> fleet,
      int[] order,
      int assignment,
      Best best) {
    double[] free = new double[fleet.size()];
    double[] times = new double[order.length];
    for (int i = 0; i < order.length; i++) {
      SimulatedRequest request = requests.get(order[i]);
      int endpoint = assignment >> i & 1;
      double arrival = request.arrivalNanos() / 1e6;
      free[endpoint] =
          Math.max(free[endpoint], arrival) + alone(fleet.get(endpoint).gpu(), request);
      times[i] = free[endpoint] - arrival;
    }
    Arrays.sort(times);
    best.mean = Math.min(best.mean, Arrays.stream(times).sum() / times.length);
    best.median = Math.min(best.median, times[times.length / 2]);
    best.largest = Math.min(best.largest, times[times.length - 1]);
  }

  /** Step by step, apart from the formulas of the bound. */
  private static double alone(GpuModel gpu, SimulatedRequest request) {
    double n = request.inputTokens();
    double millis = gpu.b() * n + gpu.c() * n * n;
    for (int output = 1; output < request.outputTokens(); output++) {
      millis += gpu.c0() + gpu.d() + gpu.e() * (n + output);
    }
    return millis;
  }

  private static EndpointSpec serial(String id, GpuModel gpu, long networkMillis) {
    return new EndpointSpec(id, gpu, "", List.of(), 1, 1, 1, networkMillis * 1_000_000);
  }
}
