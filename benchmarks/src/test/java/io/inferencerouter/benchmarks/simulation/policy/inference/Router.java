package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.LoadReport;
import io.inferencerouter.Priority;
import io.inferencerouter.benchmarks.simulation.policy.Balancer;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Observer;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One client with a balancer under test. */
public final class Router {
  public final EventLoop loop = new EventLoop();
  public final List<Target> targets;
  public final Balancer balancer;
  public final List<String> sheds = new ArrayList<>();

  public Router(Policy policy, List<Target> targets, long seed) {
    this.targets = targets;
    balancer = policy.balancer(new Client(0, 1, loop, new SplittableRandom(seed), targets));
  }

  /** A client before so many equal endpoints. */
  public static Router before(int endpoints, String policy) {
    return new Router(
        named(policy), IntStream.range(0, endpoints).mapToObj(FakeServer::target).toList(), 7);
  }

  public static Policy named(String name) {
    return InferencePolicies.all().stream()
        .filter(policy -> policy.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  public static SimulatedRequest text(int input) {
    return SimulatedRequest.text(0, input, 10);
  }

  /** An input of whole blocks with these ids. */
  public static SimulatedRequest blocks(long... ids) {
    return request(ids.length * Blocks.TOKENS, "", "", Blocks.of(ids));
  }

  public static SimulatedRequest request(int input, String model, String region, Blocks blocks) {
    return new SimulatedRequest(
        0,
        input,
        10,
        "",
        "",
        0,
        model,
        blocks,
        input,
        0,
        0,
        SimulatedRequest.OPEN_LOOP,
        0,
        region,
        Priority.STANDARD);
  }

  public FakeServer server(int index) {
    return FakeServer.of(targets.get(index));
  }

  public Sent send(SimulatedRequest request, Target... excluded) {
    Sent[] result = new Sent[1];
    balancer.route(
        request,
        List.of(excluded),
        new Balancer.Dispatch() {
          @Override
          public void send(Target target, Observer observer) {
            result[0] = new Sent(request, target, observer);
          }

          @Override
          public void shed(String reason) {
            sheds.add(reason);
            result[0] = new Sent(request, null, new Observer() {});
          }
        });
    return result[0];
  }

  /** Lets events of so much time happen. */
  public void run(long nanos) {
    long until = loop.nanos() + nanos;
    loop.at(until, () -> {});
    while (loop.nextNanos() <= until) {
      loop.runNext();
    }
  }

  /** What was sent where; null if it was shed. */
  public record Sent(SimulatedRequest request, @Nullable Target target, Observer observer) {
    public int index() {
      return target == null ? -1 : target.index();
    }

    public void finish() {
      observer.finished(
          request.inputTokens(), 0, request.outputTokens(), LoadReport.builder().build());
    }
  }
}
