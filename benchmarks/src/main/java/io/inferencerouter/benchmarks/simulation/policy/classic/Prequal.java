package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.ServerMetrics;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * Prequal in its asynchronous mode: B. Wydrowski, R. Kleinberg, S. Rumble and A. Archer, Load is
 * not what you should balance: Introducing Prequal, NSDI 2024, with the baseline parameters of its
 * section 5.
 *
 * <p>With each request three other endpoints, drawn at random without repetition, are probed for
 * the next ones. A probe is answered after a network round trip with the requests in flight at the
 * server (RIF), and the median latency of its recent answers that began at about that RIF. The
 * client keeps 16 of them for a second at most. A probe is hot if its RIF is above the 0.84
 * quantile of those seen lately; a request goes to the cold endpoint with the lowest latency, or if
 * all are hot to the one with the lowest RIF, and is counted onto the probe. A probe serves {@code
 * max(1, (1 + 1) / ((1 - 16/n) · 3 - 1))} requests on average; where the fleet is so small that
 * this has no value, as many as come. With each request one probe is dropped, the oldest and the
 * worst by turns. With fewer than two probes the endpoint is drawn at random.
 *
 * <p>What the paper names without a value is chosen thus. Lately is the last 128 probes, and recent
 * are a server's last 64 answers. A client without requests probes every half second, as long as it
 * had one in the last minute. Against sinkholes an endpoint is left alone as by a gRPC channel
 * whose connection broke, also after five errors in a row. The RIF of a server is what its metrics
 * show as running and waiting, for a request at the time it is sent; its latency is the client's
 * less the network's, and shared by all clients of a run, since a server sees them all.
 */
final class Prequal extends OutstandingBalancer<ProbePool> {
  private static final int PROBES = 3;
  private static final int REMOVED = 1;
  private static final double NET_GAIN = 1;
  private static final long IDLE_NANOS = 500_000_000L;
  private static final long ASLEEP_NANOS = 60_000_000_000L;

  private final Replicas replicas;
  private final int[] drawn = new int[PROBES];
  private int generation;

  private Prequal(Client client, Replicas replicas) {
    super(client, FailureAccrual.grpcWithErrors(client.random()));
    this.replicas = replicas;
  }

  static Policy policy() {
    Replicas.Runs runs = new Replicas.Runs();
    return new NamedPolicy(
        "prequal",
        "Probed latency among the endpoints that are not hot by requests in flight"
            + " (Prequal, NSDI 2024)",
        Policy.Standing.INFORMED_RIVAL,
        client -> new Prequal(client, runs.of(client.loop())));
  }

  @Override
  ProbePool candidates(Target[] targets) {
    return new ProbePool(targets, generation, uses(targets.length));
  }

  /** How many requests a probe serves on average, with so many endpoints. */
  static double uses(int endpoints) {
    double gain = (1 - (double) ProbePool.CAPACITY / endpoints) * PROBES - REMOVED;
    return gain <= 0 ? Integer.MAX_VALUE : Math.max(1, (1 + NET_GAIN) / gain);
  }

  @Override
  int choose(SimulatedRequest request, ProbePool pool) {
    long now = loop.nanos();
    pool.lastQuery = now;
    pool.expire(now);
    int position = pool.take();
    for (int i = 0; i < REMOVED; i++) {
      pool.removeOne();
    }
    probe(pool);
    if (!pool.isWatched) {
      pool.isWatched = true;
      loop.after(IDLE_NANOS, new Watch(pool));
    }
    return position == ProbePool.NONE ? pool.usable(random.nextInt(pool.usableCount())) : position;
  }

  @Override
  void sent(Flight flight, ProbePool pool) {
    flight.tag = inFlight(flight.target);
  }

  @Override
  void finished(Flight flight, int outputTokens, LoadReport report) {
    long network = 2 * flight.target.spec().networkNanos();
    replicas.of(flight.target).record(flight.tag, Math.max(0, flight.nanos() - network));
  }

  @Override
  void changed() {
    generation++;
  }

  private static int inFlight(Target target) {
    ServerMetrics metrics = target.metrics();
    return metrics.running() + metrics.waiting();
  }

  private void probe(ProbePool pool) {
    pool.lastProbed = loop.nanos();
    int probes = Math.min(PROBES, pool.usableCount());
    for (int i = 0; i < probes; i++) {
      drawn[i] = another(pool.usableCount(), i);
      int position = pool.usable(drawn[i]);
      long network = pool.target(position).spec().networkNanos();
      loop.after(network, new Probe(pool, position, network));
    }
  }

  /** A number below the bound that is not among those drawn already. */
  private int another(int bound, int already) {
    while (true) {
      int number = random.nextInt(bound);
      boolean isNew = true;
      for (int i = 0; i < already; i++) {
        isNew &= drawn[i] != number;
      }
      if (isNew) {
        return number;
      }
    }
  }

  /** On its way to the server, and then back. */
  private final class Probe implements Runnable {
    private final ProbePool pool;
    private final int position;
    private final long network;
    private boolean isAnswered;
    private int rif;
    private long latency;

    Probe(ProbePool pool, int position, long network) {
      this.pool = pool;
      this.position = position;
      this.network = network;
    }

    @Override
    public void run() {
      if (isClosed() || pool.generation != generation) {
        return;
      }
      if (isAnswered) {
        pool.add(position, rif, latency, loop.nanos(), random);
        return;
      }
      isAnswered = true;
      Target target = pool.target(position);
      rif = inFlight(target);
      latency = replicas.of(target).estimate(rif);
      loop.after(network, this);
    }
  }

  /** Probes for a client that has no requests at the moment. */
  private final class Watch implements Runnable {
    private final ProbePool pool;

    Watch(ProbePool pool) {
      this.pool = pool;
    }

    @Override
    public void run() {
      long now = loop.nanos();
      if (isClosed() || pool.generation != generation || now - pool.lastQuery > ASLEEP_NANOS) {
        pool.isWatched = false;
        return;
      }
      if (now - pool.lastProbed >= IDLE_NANOS) {
        probe(pool);
      }
      loop.at(pool.lastProbed + IDLE_NANOS, this);
    }
  }
}
