package io.inferencerouter.benchmarks.simulation.policy.inference;

import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.request;
import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.policy.reference.ReferencePolicies;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every policy here, rivals and references. */
final class PolicyContractTest {
  private static final Target FIRST = FakeServer.target(0, FakeServer.GPU, "eu", List.of("a"));
  private static final Target SECOND = FakeServer.target(1, FakeServer.GPU, "eu", List.of("b"));
  private static final Target THIRD = FakeServer.target(2, FakeServer.GPU, "us", List.of());

  static Stream<Policy> policies() {
    return Stream.concat(InferencePolicies.all().stream(), ReferencePolicies.all().stream());
  }

  static Stream<Policy> routers() {
    return InferencePolicies.all().stream();
  }

  @Test
  void namesAreUniqueAndSourcesAreNamed() {
    List<Policy> all = policies().toList();

    assertThat(all).extracting(Policy::name).doesNotHaveDuplicates();
    assertThat(all).allSatisfy(policy -> assertThat(policy.description()).isNotBlank());
    assertThat(ReferencePolicies.names())
        .containsExactly(
            "oracle-finish", "oracle-harm", "oracle-ttft", "oracle-share", "oracle-work");
  }

  @ParameterizedTest
  @MethodSource("policies")
  void onlyEndpointsOfTheModelAndRegionServe(Policy policy) {
    Router router = new Router(policy, List.of(FIRST, SECOND, THIRD), 1);

    for (int i = 0; i < 20; i++) {
      assertThat(router.send(request(100, "a", "eu", Blocks.NONE)).index()).isEqualTo(0);
      assertThat(router.send(request(100, "b", "", Blocks.NONE)).index()).isIn(1, 2);
      assertThat(router.send(request(100, "", "us", Blocks.NONE)).index()).isEqualTo(2);
    }
    assertThat(router.sheds).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void whatNobodyServesIsShed(Policy policy) {
    Router router = new Router(policy, List.of(FIRST, SECOND), 1);

    router.send(request(100, "c", "", Blocks.NONE));
    router.send(request(100, "a", "us", Blocks.NONE));

    assertThat(router.sheds).hasSize(2);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void anExcludedEndpointIsAvoidedWhileThereIsAnother(Policy policy) {
    Router router = new Router(policy, List.of(FIRST, SECOND, THIRD), 1);

    for (int i = 0; i < 20; i++) {
      assertThat(router.send(text(100), FIRST, SECOND).index()).isEqualTo(2);
      assertThat(router.send(request(100, "a", "eu", Blocks.NONE), FIRST).index()).isEqualTo(0);
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void theSameSeedChoosesTheSame(Policy policy) {
    List<Integer> once = choices(policy, 3);

    assertThat(choices(policy, 3)).isEqualTo(once);
    assertThat(new HashSet<>(once)).hasSizeGreaterThan(1);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void equalEndpointsShareABurst(Policy policy) {
    Router router =
        new Router(policy, IntStream.range(0, 8).mapToObj(FakeServer::target).toList(), 1);
    int[] counts = new int[8];

    for (int i = 0; i < 400; i++) {
      counts[router.send(text(1000)).index()]++;
    }

    assertThat(IntStream.of(counts).boxed().toList()).allMatch(count -> count >= 20 && count <= 90);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void endpointsJoinAndLeave(Policy policy) {
    Router router = new Router(policy, List.of(FakeServer.target(0)), 1);
    Target late = FakeServer.target(1);
    Router.Sent before = router.send(text(10));

    router.balancer.targets(List.of(late));

    assertThat(router.send(text(10)).index()).isEqualTo(1);
    before.finish();
    router.balancer.targets(List.of());
    router.send(text(10));
    assertThat(router.sheds).hasSize(1);
    router.balancer.targets(List.of(router.targets.get(0), late));
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      seen.add(router.send(text(10)).index());
    }
    assertThat(seen).containsExactlyInAnyOrder(0, 1);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void closingStopsItsTimers(Policy policy) {
    Router router = new Router(policy, List.of(FakeServer.target(0)), 1);
    router.run(Duration.ofSeconds(200).toNanos());

    router.balancer.close();
    router.run(Duration.ofSeconds(200).toNanos());

    assertThat(router.loop.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("routers")
  void countersReturnToZero(Policy policy) {
    Router router =
        new Router(policy, IntStream.range(0, 4).mapToObj(FakeServer::target).toList(), 1);
    SplittableRandom random = new SplittableRandom(5);
    List<Router.Sent> open = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      open.add(router.send(anything(random)));
      if (random.nextInt(3) == 0) {
        end(open.remove(random.nextInt(open.size())), random);
      }
      router.run(1_000_000);
    }

    open.forEach(sent -> end(sent, random));

    RouterBalancer<?> balancer = (RouterBalancer<?>) router.balancer;
    assertThat(balancer.workers())
        .hasSize(4)
        .allSatisfy(
            worker -> {
              assertThat(worker.requests()).isZero();
              assertThat(worker.prefillTokens()).isZero();
              if (worker instanceof DynamoKv.Active active) {
                assertThat(active.activeTokens()).isZero();
              }
              if (worker instanceof FlexlbShortestTtft.Prefilling prefilling) {
                assertThat(prefilling.pendingMicros()).isZero();
                assertThat(prefilling.waitMicros()).isZero();
              }
            });
  }

  /** Each way to end, twice, as a late message may. */
  private static void end(Router.Sent sent, SplittableRandom random) {
    if (random.nextBoolean()) {
      sent.observer().firstToken();
      sent.observer().progress(5);
    }
    for (int i = 0; i < 2; i++) {
      switch (random.nextInt(3)) {
        case 0 -> sent.finish();
        case 1 -> sent.observer().failed(Failure.RESET);
        default -> sent.observer().cancelled();
      }
    }
  }

  private static SimulatedRequest anything(SplittableRandom random) {
    int count = random.nextInt(5);
    long family = random.nextInt(6);
    long[] ids = new long[count];
    for (int i = 0; i < count; i++) {
      ids[i] = family * 100 + i;
    }
    int input = count == 0 ? 1 + random.nextInt(3000) : (count - 1) * Blocks.TOKENS + 1;
    return request(input + random.nextInt(Blocks.TOKENS), "", "", Blocks.of(ids));
  }

  private static List<Integer> choices(Policy policy, long seed) {
    List<Target> targets = IntStream.range(0, 6).mapToObj(FakeServer::target).toList();
    Router router = new Router(policy, targets, seed);
    SplittableRandom random = new SplittableRandom(11);
    List<Integer> choices = new ArrayList<>();
    List<Router.Sent> open = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Router.Sent sent = router.send(anything(random));
      choices.add(sent.index());
      open.add(sent);
      if (open.size() > 40) {
        end(open.remove(0), random);
      }
      router.run(3_000_000);
    }
    return choices;
  }
}
