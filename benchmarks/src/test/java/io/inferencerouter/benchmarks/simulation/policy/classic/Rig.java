package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.LoadReport;
import io.inferencerouter.Priority;
import io.inferencerouter.benchmarks.simulation.policy.Balancer;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Observer;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One client before fake servers; answers come when a test says so. */
final class Rig {
  static final long SECOND = 1_000_000_000L;
  static final LoadReport NO_REPORT = LoadReport.builder().build();
  private static final int MANY_EVENTS = 1_000_000;

  final EventLoop loop = new EventLoop();
  final List<FakeServer> servers = new ArrayList<>();
  final List<Target> targets = new ArrayList<>();
  private @Nullable Balancer balancer;

  /** Adds an endpoint for everything. */
  Rig add(double weight) {
    return add(weight, "", List.of());
  }

  Rig add(double weight, String region, List<String> models) {
    FakeServer server = new FakeServer("endpoint-" + servers.size(), region, models);
    targets.add(new Target(servers.size(), server, weight));
    servers.add(server);
    return this;
  }

  static Rig of(int endpoints) {
    Rig rig = new Rig();
    for (int i = 0; i < endpoints; i++) {
      rig.add(1);
    }
    return rig;
  }

  Rig start(Policy policy) {
    return start(policy, 7);
  }

  Rig start(Policy policy, long seed) {
    balancer = policy.balancer(new Client(0, 1, loop, new SplittableRandom(seed), targets));
    return this;
  }

  Balancer balancer() {
    if (balancer == null) {
      throw new IllegalStateException("not started");
    }
    return balancer;
  }

  int outstanding(Target target) {
    return ((OutstandingBalancer<?>) balancer()).outstanding(target);
  }

  Sent send() {
    return send(request("", "", ""), List.of());
  }

  Sent send(SimulatedRequest request, List<Target> excluded) {
    Sent sent = offer(request, excluded);
    if (sent == null) {
      throw new AssertionError("shed");
    }
    return sent;
  }

  /** Null if it is shed. */
  @Nullable Sent offer(SimulatedRequest request, List<Target> excluded) {
    Answer answer = new Answer();
    balancer().route(request, excluded, answer);
    if (answer.calls != 1) {
      throw new AssertionError("calls: " + answer.calls + " (expected: 1)");
    }
    return answer.sent;
  }

  /** How often each endpoint is chosen by requests that end at once. */
  int[] shares(int requests) {
    int[] shares = new int[targets.size()];
    for (int i = 0; i < requests; i++) {
      Sent sent = send(request("", "", "session-" + i), List.of());
      shares[sent.target().index()]++;
      sent.finish();
    }
    return shares;
  }

  void advance(long nanos) {
    long until = loop.nanos() + nanos;
    loop.at(until, () -> {});
    for (int i = 0; i < MANY_EVENTS && loop.nextNanos() <= until; i++) {
      loop.runNext();
    }
  }

  /** Whether nothing is left in the loop after some events. */
  boolean runsDry() {
    for (int i = 0; i < MANY_EVENTS && !loop.isEmpty(); i++) {
      loop.runNext();
    }
    return loop.isEmpty();
  }

  static SimulatedRequest request(String model, String region, String session) {
    return new SimulatedRequest(
        0,
        100,
        100,
        "",
        session,
        0,
        model,
        Blocks.NONE,
        100,
        0,
        0,
        SimulatedRequest.OPEN_LOOP,
        0,
        region,
        Priority.STANDARD);
  }

  record Sent(Target target, Observer observer) {
    void finish() {
      finish(100, NO_REPORT);
    }

    void finish(int outputTokens, LoadReport report) {
      observer.finished(100, 0, outputTokens, report);
    }

    void fail(Failure failure) {
      observer.failed(failure);
    }
  }

  private static final class Answer implements Balancer.Dispatch {
    private int calls;
    private @Nullable Sent sent;

    @Override
    public void send(Target target, Observer observer) {
      calls++;
      sent = new Sent(target, observer);
    }

    @Override
    public void shed(String reason) {
      calls++;
    }
  }
}
