package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.policy.Balancer;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Observer;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What the classic policies have in common; a subclass only chooses.
 *
 * <p>A request may go to an endpoint that serves its model, in its region; an endpoint without a
 * region is in all of them. Endpoints where the request failed before, and those that {@link
 * Avoidance} leaves alone, are passed over while there is another. Requests in flight are counted
 * by the endpoint's index, each given back exactly once however it ends, and survive changes of the
 * membership. The only allocation per request is the {@link Flight}.
 *
 * @param <C> the policy's kind of candidates
 */
abstract class OutstandingBalancer<C extends Candidates> implements Balancer {
  static final String NOBODY = "no endpoint serves the model in the region";

  final EventLoop loop;
  final RandomGenerator random;
  private final Avoidance avoidance;
  private final Map<String, Map<String, C>> candidates = new HashMap<>();
  private List<Target> targets;
  private int[] outstanding = new int[0];
  private boolean closed;

  OutstandingBalancer(Client client, Avoidance avoidance) {
    loop = client.loop();
    random = client.random();
    this.avoidance = avoidance;
    targets = client.targets();
    makeRoom();
  }

  /**
   * Makes the candidates of a model and a region; called before any of them is chosen, so that a
   * policy can make room here for as many as {@link #indices}.
   */
  abstract C candidates(Target[] targets);

  /**
   * Chooses the position of a usable candidate; called with at least two usable ones. Allocates
   * nothing.
   */
  abstract int choose(SimulatedRequest request, C candidates);

  /** A request is about to go; it counts as in flight already. */
  void sent(Flight flight, C candidates) {}

  /** A request came back well; it no longer counts as in flight. */
  void finished(Flight flight, int outputTokens, LoadReport report) {}

  /** A request came to nothing; it no longer counts as in flight. */
  void failed(Flight flight, Failure failure) {}

  /** A request was given up; it no longer counts as in flight. */
  void cancelled(Flight flight) {}

  /** An endpoint has left. Should it come back, then as a new one. */
  void forget(Target target) {}

  /** The membership has changed; all candidates so far are out of use. */
  void changed() {}

  /** All indices of endpoints so far are below this. */
  final int indices() {
    return outstanding.length;
  }

  /** This client's requests in flight to an endpoint. */
  final int outstanding(Target target) {
    return outstanding[target.index()];
  }

  /** Whether the balancer has been closed. */
  final boolean isClosed() {
    return closed;
  }

  @Override
  public final void route(SimulatedRequest request, List<Target> excluded, Dispatch dispatch) {
    C among = candidatesOf(request);
    if (among.size() == 0) {
      dispatch.shed(NOBODY);
      return;
    }
    narrow(among, excluded);
    int position = among.usableCount() == 1 ? among.usable(0) : choose(request, among);
    Target target = among.target(position);
    outstanding[target.index()]++;
    avoidance.sent(target.index());
    Flight flight = new Flight(target, loop.nanos());
    sent(flight, among);
    dispatch.send(target, flight);
  }

  @Override
  public final void targets(List<Target> now) {
    List<Target> before = targets;
    targets = List.copyOf(now);
    candidates.clear();
    makeRoom();
    boolean[] stays = new boolean[outstanding.length];
    for (Target target : targets) {
      stays[target.index()] = true;
    }
    for (Target target : before) {
      if (!stays[target.index()]) {
        avoidance.forget(target.index());
        forget(target);
      }
    }
    changed();
  }

  @Override
  public final void close() {
    closed = true;
  }

  private void makeRoom() {
    int indices = outstanding.length;
    for (Target target : targets) {
      indices = Math.max(indices, target.index() + 1);
    }
    outstanding = Arrays.copyOf(outstanding, indices);
    avoidance.ensure(indices);
  }

  private C candidatesOf(SimulatedRequest request) {
    Map<String, C> regions = candidates.get(request.model());
    if (regions == null) {
      regions = new HashMap<>();
      candidates.put(request.model(), regions);
    }
    C found = regions.get(request.region());
    if (found == null) {
      found = candidates(eligible(request));
      regions.put(request.region(), found);
    }
    return found;
  }

  private Target[] eligible(SimulatedRequest request) {
    List<Target> eligible = new ArrayList<>(targets.size());
    for (Target target : targets) {
      if (target.spec().serves(request.model(), request.region())) {
        eligible.add(target);
      }
    }
    return eligible.toArray(Target[]::new);
  }

  /** Passes over whoever is excluded or left alone; if that is everyone, the latter come first. */
  private void narrow(C among, List<Target> excluded) {
    long now = loop.nanos();
    boolean active = avoidance.isActive(now);
    if (!active && excluded.isEmpty()) {
      among.useAll();
      return;
    }
    use(among, excluded, active, now);
    if (among.usableCount() == 0 && active) {
      use(among, excluded, false, now);
    }
    if (among.usableCount() == 0) {
      among.useAll();
    }
  }

  private void use(C among, List<Target> excluded, boolean avoiding, long now) {
    among.useNone();
    for (int position = 0; position < among.size(); position++) {
      Target target = among.target(position);
      if (!excluded.contains(target) && !(avoiding && avoidance.isAvoided(target.index(), now))) {
        among.use(position);
      }
    }
  }

  /** One request in flight. */
  final class Flight implements Observer {
    final Target target;
    final long sentNanos;

    /** For the policy's own use. */
    int tag;

    private boolean ended;

    private Flight(Target target, long sentNanos) {
      this.target = target;
      this.sentNanos = sentNanos;
    }

    /** The time since it was sent. */
    long nanos() {
      return loop.nanos() - sentNanos;
    }

    @Override
    public void firstToken() {
      if (!ended) {
        avoidance.answered(target.index());
      }
    }

    @Override
    public void finished(int inputTokens, int cachedTokens, int outputTokens, LoadReport report) {
      if (end()) {
        avoidance.succeeded(target.index(), loop.nanos());
        OutstandingBalancer.this.finished(this, outputTokens, report);
      }
    }

    @Override
    public void failed(Failure failure) {
      if (end()) {
        avoidance.failed(target.index(), failure, loop.nanos());
        OutstandingBalancer.this.failed(this, failure);
      }
    }

    @Override
    public void cancelled() {
      if (end()) {
        avoidance.cancelled(target.index());
        OutstandingBalancer.this.cancelled(this);
      }
    }

    private boolean end() {
      if (ended) {
        return false;
      }
      ended = true;
      outstanding[target.index()]--;
      return true;
    }
  }
}
