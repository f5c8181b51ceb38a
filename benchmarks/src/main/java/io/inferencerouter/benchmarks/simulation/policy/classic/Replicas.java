package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import java.util.Arrays;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * The servers' side of {@link Prequal} in one run: a server sees the requests of all clients, so
 * they share what it knows. For the thread of the run.
 */
final class Replicas {
  private ReplicaLatency[] replicas = new ReplicaLatency[0];

  /** What this server knows of itself. */
  ReplicaLatency of(Target target) {
    int before = replicas.length;
    if (target.index() >= before) {
      replicas = Arrays.copyOf(replicas, Math.max(target.index() + 1, 2 * before));
      for (int i = before; i < replicas.length; i++) {
        replicas[i] = new ReplicaLatency();
      }
    }
    return replicas[target.index()];
  }

  /** The replicas of each run; a run is known by its loop. For any thread. */
  static final class Runs {
    private final Map<EventLoop, Replicas> replicas = new WeakHashMap<>();

    synchronized Replicas of(EventLoop loop) {
      return replicas.computeIfAbsent(loop, unused -> new Replicas());
    }
  }
}
