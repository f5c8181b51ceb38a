package io.inferencerouter.benchmarks.simulation;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange;
import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.server.ModelledServer;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback;
import io.inferencerouter.benchmarks.simulation.server.Servers;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What fleets can do at most, measured: all endpoints together take requests from one queue, each a
 * new one as soon as none waits there. Nothing comes out of prefix caches, and no model has to be
 * loaded. Measured once for each workload and fleet; safe for use by many threads.
 */
public final class Capacity {
  private static final int MIN_REQUESTS = 2_000;
  private static final int MAX_REQUESTS_PER_ENDPOINT = 1_500;

  /** How often the slots of all endpoints are filled. */
  private static final int FILLINGS = 5;

  /** The share of the requests that bring the endpoints to full load. */
  private static final double RAMP = 0.4;

  private final Map<Key, Measured> known = new ConcurrentHashMap<>();

  /**
   * What a measurement depends on.
   *
   * @param workload the object: two of the same name have other requests with another seed
   */
  private record Key(Workload workload, List<String> endpoints) {}

  /**
   * @param requestsPerSecond of all endpoints together
   * @param weights by name of the GPU: what one endpoint finishes, relative to the mean
   */
  private record Measured(double requestsPerSecond, Map<String, Double> weights) {}

  /** Requests per second at saturation of the endpoints that the fleet begins with. */
  public double requestsPerSecond(Workload workload, FleetSpec fleet) {
    return measured(workload, fleet.endpoints()).requestsPerSecond();
  }

  /** What one endpoint of the run finishes at saturation, relative to the mean of the fleet. */
  double weight(Workload workload, FleetSpec fleet, EndpointSpec endpoint) {
    Double weight = measured(workload, withJoining(fleet)).weights().get(key(endpoint));
    return weight == null ? 1 : weight;
  }

  private static List<EndpointSpec> withJoining(FleetSpec fleet) {
    List<EndpointSpec> all = new ArrayList<>(fleet.endpoints());
    for (FleetChange change : fleet.changes()) {
      if (change instanceof FleetChange.Join join) {
        all.add(join.endpoint());
      }
    }
    return all;
  }

  private static String key(EndpointSpec endpoint) {
    return endpoint.gpu().toString() + endpoint.maxConcurrency();
  }

  private Measured measured(Workload workload, List<EndpointSpec> endpoints) {
    Key key = new Key(workload, endpoints.stream().map(Capacity::key).toList());
    return known.computeIfAbsent(key, ignored -> new Measurement(workload, endpoints).run());
  }

  /** One measurement. */
  private static final class Measurement {
    private final Workload workload;
    private final EventLoop loop = new EventLoop();
    private final List<ModelledServer> servers = new ArrayList<>();
    private final long[] finished;
    private final int requests;
    private Iterator<SimulatedRequest> queue;
    private long taken;
    private long done;
    private long doneAtBegin;
    private long beginNanos = -1;
    private long endNanos;
    private long doneAtEnd;

    Measurement(Workload workload, List<EndpointSpec> endpoints) {
      this.workload = workload;
      this.queue = workload.iterator();
      this.requests = Math.max(MIN_REQUESTS, endpoints.stream().mapToInt(Measurement::share).sum());
      this.finished = new long[endpoints.size()];
      for (EndpointSpec endpoint : endpoints) {
        servers.add(
            Servers.create(ofAnyModel(endpoint), workload.kind(), loop, new SplittableRandom(1)));
      }
    }

    private static int share(EndpointSpec spec) {
      return Math.min(MAX_REQUESTS_PER_ENDPOINT, FILLINGS * spec.maxConcurrency());
    }

    private static EndpointSpec ofAnyModel(EndpointSpec spec) {
      return new EndpointSpec(spec.id(), spec.gpu(), "", List.of(), 1, 1, spec.maxConcurrency(), 0);
    }

    Measured run() {
      for (int index = 0; index < finished.length; index++) {
        fill(index);
      }
      boolean isGoing = true;
      while (isGoing && taken < requests) {
        isGoing = loop.runNext();
      }
      if (beginNanos < 0 || endNanos <= beginNanos) {
        throw new IllegalStateException(
            "workload "
                + workload.name()
                + ": no endpoint can serve it (expected: requests that"
                + " fit into the endpoints' memory)");
      }
      double seconds = (endNanos - beginNanos) * 1e-9;
      return new Measured((doneAtEnd - doneAtBegin) / seconds, weights());
    }

    private Map<String, Double> weights() {
      Map<String, double[]> sums = new HashMap<>();
      double all = 0;
      for (int index = 0; index < finished.length; index++) {
        double[] sum =
            sums.computeIfAbsent(key(servers.get(index).spec()), ignored -> new double[2]);
        sum[0] += finished[index];
        sum[1]++;
        all += finished[index];
      }
      double mean = all / finished.length;
      Map<String, Double> weights = new HashMap<>();
      sums.forEach((gpu, sum) -> weights.put(gpu, Math.max(0.001, sum[0] / sum[1] / mean)));
      return weights;
    }

    /** Gives an endpoint requests until one waits there. */
    private void fill(int index) {
      ModelledServer server = servers.get(index);
      int limit = server.spec().maxConcurrency() + 1;
      for (int given = 0; given < limit && taken < requests; given++) {
        if (server.metrics().waiting() > 0) {
          return;
        }
        taken++;
        server.submit(next(), new Filled(index));
        if (given > 0 && beginNanos >= 0) {
          return; // at full load one finishes, one comes
        }
      }
    }

    private SimulatedRequest next() {
      if (!queue.hasNext()) {
        queue = workload.iterator();
      }
      SimulatedRequest r = queue.next();
      return new SimulatedRequest(
          loop.nanos(),
          r.inputTokens(),
          r.outputTokens(),
          "",
          "",
          0,
          "",
          Blocks.NONE,
          r.textTokens(),
          r.imageTokens(),
          r.images(),
          SimulatedRequest.OPEN_LOOP,
          r.workNanos(),
          "",
          r.priority());
    }

    private void ended(int index, boolean isFinished) {
      done++;
      if (isFinished) {
        finished[index]++;
      }
      if (beginNanos < 0 && done >= RAMP * requests) {
        beginNanos = loop.nanos();
        doneAtBegin = done;
      }
      endNanos = loop.nanos();
      doneAtEnd = done;
      fill(index);
    }

    private final class Filled implements ServerCallback {
      private final int index;

      Filled(int index) {
        this.index = index;
      }

      @Override
      public void firstToken(int cachedTokens) {
        fill(index);
      }

      @Override
      public void progress(int outputTokens) {}

      @Override
      public void finished(int cachedTokens, LoadReport report) {
        ended(index, true);
      }

      @Override
      public void failed(Failure failure) {
        ended(index, false);
      }
    }
  }
}
