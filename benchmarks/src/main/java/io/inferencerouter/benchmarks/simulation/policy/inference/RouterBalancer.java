package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.policy.Balancer;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What all routers here have in common: they choose at once among the endpoints that serve the
 * request, and count what they have sent where.
 */
abstract class RouterBalancer<W extends Worker> implements Balancer {
  private final EventLoop loop;
  private final RandomGenerator random;
  private final List<W> candidates = new ArrayList<>();
  private final List<Repeating> timers = new ArrayList<>();
  private List<W> workers = List.of();

  RouterBalancer(Client client) {
    loop = client.loop();
    random = client.random();
  }

  /** An endpoint that has joined. */
  abstract W join(Target target);

  /**
   * Chooses among those that may serve a request.
   *
   * @param candidates at least one
   */
  abstract W choose(SimulatedRequest request, List<W> candidates);

  /** The input that a worker has cached, as far as this router knows, in tokens. */
  int cachedTokens(W worker, SimulatedRequest request) {
    return worker.prefixes().matchedTokens(request);
  }

  /** Takes note of what was chosen. */
  void remember(W worker, SimulatedRequest request) {
    worker.prefixes().insert(request);
  }

  final EventLoop loop() {
    return loop;
  }

  final RandomGenerator random() {
    return random;
  }

  final List<W> workers() {
    return workers;
  }

  /** The input that a worker would have to read, as far as this router knows, in tokens. */
  final int newTokens(W worker, SimulatedRequest request) {
    return Math.max(0, request.inputTokens() - cachedTokens(worker, request));
  }

  /** Does something after a delay, and then at an interval until this is closed. */
  final void repeat(long delayNanos, long intervalNanos, Runnable action) {
    Repeating timer = new Repeating(loop, intervalNanos, action);
    timers.add(timer);
    loop.after(delayNanos, timer);
  }

  @Override
  public final void targets(List<Target> targets) {
    Map<Integer, W> known = new HashMap<>();
    for (W worker : workers) {
      known.put(worker.target().index(), worker);
    }
    List<W> next = new ArrayList<>(targets.size());
    for (Target target : targets) {
      W worker = known.get(target.index());
      next.add(worker == null ? join(target) : worker);
    }
    workers = List.copyOf(next);
  }

  @Override
  public final void route(SimulatedRequest request, List<Target> excluded, Dispatch dispatch) {
    candidates.clear();
    boolean isExcluded = false;
    for (W worker : workers) {
      if (worker.serves(request)) {
        if (excluded.contains(worker.target())) {
          isExcluded = true;
        } else {
          candidates.add(worker);
        }
      }
    }
    if (candidates.isEmpty() && isExcluded) {
      for (W worker : workers) {
        if (worker.serves(request)) {
          candidates.add(worker);
        }
      }
    }
    if (candidates.isEmpty()) {
      dispatch.shed("no endpoint serves model '" + request.model() + "'");
      return;
    }
    W worker = choose(request, candidates);
    Flight<W> flight = new Flight<>(worker, request, newTokens(worker, request));
    remember(worker, request);
    worker.sent(flight);
    dispatch.send(worker.target(), flight);
  }

  @Override
  public final void close() {
    timers.forEach(Repeating::stop);
  }
}
