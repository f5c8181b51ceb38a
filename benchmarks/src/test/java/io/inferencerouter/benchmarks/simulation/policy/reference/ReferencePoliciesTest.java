package io.inferencerouter.benchmarks.simulation.policy.reference;

import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.policy.inference.FakeServer;
import io.inferencerouter.benchmarks.simulation.policy.inference.Router;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReferencePoliciesTest {
  private final List<Target> targets = List.of(FakeServer.target(0), FakeServer.target(1));

  @Test
  void eachGoesWhereItsOwnMeasureIsLeast() {
    server(0, 10, 100, 60);
    server(1, 50, 90, 200);

    assertThat(choice("oracle-ttft")).isEqualTo(0);
    assertThat(choice("oracle-finish")).isEqualTo(1);
    assertThat(choice("oracle-harm")).isEqualTo(0);
    assertThat(choice("oracle-share")).isEqualTo(0);
  }

  @Test
  void theFirstOutputCountsThreeTimesInTheMixture() {
    server(0, 10, 100, 0);
    server(1, 40, 50, 0);

    assertThat(choice("oracle-harm")).isEqualTo(1);
    assertThat(choice("oracle-share")).isEqualTo(0);
  }

  @Test
  void clientsSeeWhatOthersHaveSentAndHasNotArrived() {
    for (String name : ReferencePolicies.names()) {
      Policy policy = named(name);
      Router one = new Router(policy, targets, 1);
      Router other = new Router(policy, targets, 2);

      int first = one.send(text(1000)).index();

      assertThat(other.send(text(1000)).index()).as(name).isEqualTo(first ^ 1);
    }
  }

  @Test
  void whatHasArrivedIsLeftToTheServer() {
    Router router = new Router(named("oracle-ttft"), targets, 1);
    int first = router.send(text(1000)).index();
    router.run(2_000_000);
    server(first ^ 1, 1, 1, 0);

    assertThat(router.send(text(1000)).index()).isEqualTo(first);
  }

  @Test
  void otherPoliciesHaveTheirOwnRegistry() {
    Router one = new Router(named("oracle-ttft"), targets, 1);
    int first = one.send(text(1000)).index();
    Router other = new Router(named("oracle-ttft"), targets, 2);
    server(first ^ 1, 1, 1, 0);

    assertThat(other.send(text(1000)).index()).isEqualTo(first);
  }

  @Test
  void workIsGivenBackAsItIsDoneAndAtEachKindOfEnd() {
    SharedOutstanding shared = new SharedOutstanding();
    Policy policy = ReferencePolicies.policy("work", "", OracleScore::workMillis, shared);
    Router router = new Router(policy, targets.subList(0, 1), 1);
    Outstanding outstanding = shared.of(targets.get(0));
    SimulatedRequest request = SimulatedRequest.text(0, 1000, 101);
    // 1 + 1000 × 0.01 ms of input and 100 × 1.5 ms of output.
    Router.Sent sent = router.send(request);
    assertThat(outstanding.workMillis()).isEqualTo(161);

    sent.observer().firstToken();
    assertThat(outstanding.workMillis()).isEqualTo(150);
    sent.observer().progress(101);
    assertThat(outstanding.workMillis()).isZero();
    sent.finish();
    router.send(request).finish();
    router.send(request).observer().failed(Failure.RESET);
    router.send(request).observer().cancelled();

    assertThat(outstanding.workMillis()).isZero();
  }

  @Test
  void aClientThatEndsGivesItsWorkBackOnce() {
    SharedOutstanding shared = new SharedOutstanding();
    Policy policy = ReferencePolicies.policy("work", "", OracleScore::workMillis, shared);
    Router router = new Router(policy, targets.subList(0, 1), 1);
    Router other = new Router(policy, targets.subList(0, 1), 2);
    other.send(SimulatedRequest.text(0, 1000, 1));
    Router.Sent sent = router.send(SimulatedRequest.text(0, 1000, 1));
    router.balancer.targets(List.of());

    router.balancer.close();
    sent.finish();

    assertThat(shared.of(targets.get(0)).workMillis()).isEqualTo(11);
  }

  private int choice(String name) {
    return new Router(named(name), targets, 1).send(text(10)).index();
  }

  private void server(int index, double firstOutput, double finish, double harm) {
    FakeServer server = FakeServer.of(targets.get(index));
    server.firstOutputMillis = firstOutput;
    server.finishMillis = finish;
    server.harmMillis = harm;
  }

  private static Policy named(String name) {
    return ReferencePolicies.all().stream()
        .filter(policy -> policy.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
