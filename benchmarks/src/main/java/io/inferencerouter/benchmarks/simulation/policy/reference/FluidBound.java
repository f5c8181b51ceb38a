package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.measure.Percentiles;
import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * A lower bound on the end-to-end times of generated answers that no policy, and no scheduler
 * within the endpoints, can beat. Immutable.
 *
 * <p>Two relaxations, of which the larger counts for each figure.
 *
 * <p><em>Alone.</em> No request finishes before it would on the fastest idle endpoint that serves
 * it, with everything cached that any request before it has read. It holds for each request, hence
 * for the mean and, since sorting keeps it, for each percentile.
 *
 * <p><em>Fluid.</em> The time of a step is the sum of what its sequences add and a fixed part,
 * which at most so many sequences share as the endpoint runs at a time. So a request takes at least
 * a certain share w of an endpoint's time, however it is batched, the least over the endpoints. An
 * endpoint does at most r of such work per unit of time, r being the largest ratio of w to the
 * share that a request takes there. All of them together are no better than one server of speed R =
 * Σr that may be divided at will. On that, shortest remaining work first gives the least mean. For
 * a percentile, let L requests be allowed to be later than D. The others that arrive from i on
 * until j are all done by the arrival of j plus D, so D ≥ (their work, less its L largest parts) /
 * R − (the time from i to j). It is evaluated for each i that finds the server idle in order of
 * arrival, and the j with the largest excess.
 *
 * <p>Requests of sessions that wait for answers have no arrival of their own: then only the first
 * relaxation counts. Faults and noise are left out, so noise that speeds a step up can undercut it.
 */
public final class FluidBound {
  private static final double NANOS_PER_MILLI = 1e6;

  private final double meanMillis;
  private final Percentiles e2eMillis;

  private FluidBound(double meanMillis, Percentiles e2eMillis) {
    this.meanMillis = meanMillis;
    this.e2eMillis = e2eMillis;
  }

  /**
   * The bound for requests on a fleet that does not change.
   *
   * @param requests sorted by arrival
   * @param stretch what arrivals are multiplied by to get the wanted rate
   * @throws IllegalArgumentException if a request has no output, or nobody serves it
   */
  public static FluidBound of(
      Iterable<SimulatedRequest> requests, List<EndpointSpec> endpoints, double stretch) {
    return of(requests, endpoints, stretch, 0);
  }

  /**
   * The bound for all requests but the first ones, whose prefixes may be cached.
   *
   * @param unmeasured how many the first ones are
   */
  public static FluidBound of(
      Iterable<SimulatedRequest> requests,
      List<EndpointSpec> endpoints,
      double stretch,
      long unmeasured) {
    List<EndpointSpec> kinds = List.copyOf(new LinkedHashSet<>(withoutIds(endpoints)));
    double[] ratios = new double[kinds.size()];
    double[] arrivals = new double[16];
    double[] works = new double[16];
    double[] alone = new double[16];
    Set<Long> read = new HashSet<>();
    boolean isOpen = true;
    int count = 0;
    long left = unmeasured;
    for (SimulatedRequest request : requests) {
      if (left > 0) {
        left--;
        isOpen &= !request.isClosedLoop();
        cached(request, read);
        continue;
      }
      if (count == works.length) {
        arrivals = Arrays.copyOf(arrivals, 2 * count);
        works = Arrays.copyOf(works, 2 * count);
        alone = Arrays.copyOf(alone, 2 * count);
      }
      int cached = cached(request, read);
      arrivals[count] = stretch * request.arrivalNanos() / NANOS_PER_MILLI;
      works[count] = leastWork(request, cached, kinds, ratios);
      alone[count] = leastAlone(request, cached, kinds);
      isOpen &= !request.isClosedLoop();
      count++;
    }
    if (count == 0) {
      return new FluidBound(0, new Percentiles(0, 0, 0, 0));
    }
    arrivals = Arrays.copyOf(arrivals, count);
    works = Arrays.copyOf(works, count);
    alone = Arrays.copyOf(alone, count);
    double meanAlone = Arrays.stream(alone).sum() / count;
    Arrays.sort(alone);
    double speed = isOpen ? speed(endpoints, kinds, ratios) : Double.POSITIVE_INFINITY;
    long networkNanos = endpoints.stream().mapToLong(EndpointSpec::networkNanos).min().orElse(0);
    double roundTrip = 2 * networkNanos / NANOS_PER_MILLI;
    for (int i = 0; i < count; i++) {
      works[i] /= speed;
    }
    double[] percentiles = new double[4];
    double[] shares = {0.5, 0.95, 0.99, 0.999};
    for (int i = 0; i < shares.length; i++) {
      int rank = (int) Math.ceil(shares[i] * count);
      double fluid = isOpen ? roundTrip + excess(arrivals, works, count - rank) : 0;
      percentiles[i] = Math.max(alone[rank - 1], fluid);
    }
    double meanFluid = isOpen ? roundTrip + leastMean(arrivals, works) : 0;
    return new FluidBound(
        Math.max(meanAlone, meanFluid),
        new Percentiles(percentiles[0], percentiles[1], percentiles[2], percentiles[3]));
  }

  /** No policy's mean is below, in milliseconds. */
  public double meanMillis() {
    return meanMillis;
  }

  /** No policy's percentiles are below, taken as the smallest value that so many do not exceed. */
  public Percentiles e2eMillis() {
    return e2eMillis;
  }

  private static List<EndpointSpec> withoutIds(List<EndpointSpec> endpoints) {
    List<EndpointSpec> kinds = new ArrayList<>(endpoints.size());
    for (EndpointSpec endpoint : endpoints) {
      kinds.add(
          new EndpointSpec(
              "",
              endpoint.gpu(),
              endpoint.region(),
              endpoint.models(),
              endpoint.maxResidentModels(),
              endpoint.weight(),
              endpoint.maxConcurrency(),
              endpoint.networkNanos()));
    }
    return kinds;
  }

  /** The part of an input that was read before by anybody; at least one token is new. */
  private static int cached(SimulatedRequest request, Set<Long> read) {
    Blocks blocks = request.blocks();
    int matched = 0;
    while (matched < blocks.count() && read.contains(blocks.id(matched))) {
      matched++;
    }
    for (int i = matched; i < blocks.count(); i++) {
      read.add(blocks.id(i));
    }
    return Math.max(0, Math.min(request.inputTokens() - 1, matched * Blocks.TOKENS));
  }

  private static double leastAlone(SimulatedRequest request, int cached, List<EndpointSpec> kinds) {
    double least = Double.POSITIVE_INFINITY;
    for (EndpointSpec kind : kinds) {
      if (kind.serves(request.model(), request.region())) {
        GpuModel gpu = kind.gpu();
        // A prompt that is read beside others pays for their step instead of for its own beginning.
        double begin = Math.min(gpu.a(), gpu.c0());
        double millis = begin + work(request, cached, gpu, 1);
        least = Math.min(least, millis + 2 * kind.networkNanos() / NANOS_PER_MILLI);
      }
    }
    return least;
  }

  private static double leastWork(
      SimulatedRequest request, int cached, List<EndpointSpec> kinds, double[] ratios) {
    if (request.outputTokens() < 1) {
      throw new IllegalArgumentException(
          "outputTokens: " + request.outputTokens() + " (expected: 1 or more)");
    }
    double least = Double.POSITIVE_INFINITY;
    for (EndpointSpec kind : kinds) {
      if (kind.serves(request.model(), request.region())) {
        least = Math.min(least, work(request, cached, kind.gpu(), kind.maxConcurrency()));
      }
    }
    if (least == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "model: " + request.model() + ", region: " + request.region() + " (expected: served)");
    }
    for (int i = 0; i < ratios.length; i++) {
      EndpointSpec kind = kinds.get(i);
      if (kind.serves(request.model(), request.region())) {
        double there = work(request, cached, kind.gpu(), kind.maxConcurrency());
        ratios[i] = Math.max(ratios[i], least / there);
      }
    }
    return least;
  }

  private static double work(
      SimulatedRequest request, int cached, GpuModel gpu, int maxConcurrency) {
    int input = request.inputTokens();
    return Price.readMillis(gpu, input - cached, cached)
        + Price.decodeMillis(gpu, input, request.outputTokens(), maxConcurrency);
  }

  private static double speed(
      List<EndpointSpec> endpoints, List<EndpointSpec> kinds, double[] ratios) {
    double speed = 0;
    for (EndpointSpec endpoint : withoutIds(endpoints)) {
      speed += ratios[kinds.indexOf(endpoint)];
    }
    return speed;
  }

  /** The least mean time on one server that may be divided at will. */
  private static double leastMean(double[] arrivals, double[] works) {
    PriorityQueue<Double> left = new PriorityQueue<>();
    double sum = 0;
    double now = arrivals[0];
    for (int i = 0; i <= arrivals.length; i++) {
      double until = i < arrivals.length ? arrivals[i] : Double.POSITIVE_INFINITY;
      while (now < until && !left.isEmpty()) {
        double shortest = left.remove();
        if (shortest <= until - now) {
          now += shortest;
          sum += now;
        } else {
          left.add(shortest - (until - now));
          now = until;
        }
      }
      if (i < arrivals.length) {
        now = Math.max(now, until);
        left.add(works[i]);
        sum -= arrivals[i];
      }
    }
    return sum / arrivals.length;
  }

  /** The least time that all but so many requests can keep on that server. */
  private static double excess(double[] arrivals, double[] works, int late) {
    double most = 0;
    double largest = 0;
    double backlog = 0;
    PriorityQueue<Double> skipped = new PriorityQueue<>();
    for (int i = 0; i < arrivals.length; i++) {
      if (i > 0) {
        backlog -= arrivals[i] - arrivals[i - 1];
      }
      if (backlog <= 0) {
        backlog = 0;
        largest = 0;
        skipped.clear();
      }
      backlog += works[i];
      skipped.add(works[i]);
      largest += works[i];
      if (skipped.size() > late) {
        largest -= skipped.remove();
      }
      most = Math.max(most, backlog - largest);
    }
    return most;
  }
}
