package io.inferencerouter.benchmarks.simulation.policy.inference;

import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FlexlbShortestTtftTest {
  private static final GpuModel SLOW = new GpuModel("slow", 2, 0.02, 0, 1, 0.5, 0, 1_000_000);

  @Test
  void aFastEndpointTakesTwiceAsMuch() {
    Router router =
        new Router(
            Router.named(FlexlbShortestTtft.NAME),
            List.of(FakeServer.target(0), FakeServer.target(1, SLOW, "", List.of())),
            1);

    int fast = 0;
    for (int i = 0; i < 60; i++) {
      fast += router.send(text(1000)).index() == 0 ? 1 : 0;
    }

    assertThat(fast).isBetween(38, 42);
  }

  @Test
  void theQueueShrinksWithTime() {
    Router router = Router.before(2, FlexlbShortestTtft.NAME);
    Router.Sent large = router.send(text(10_000));
    router.run(60_000_000);
    assertThat(router.send(text(7_000)).index()).isNotEqualTo(large.index());

    // 101 − 60 ms are left of the one, and all 71 of the other.
    assertThat(router.send(text(1)).index()).isEqualTo(large.index());
  }

  @Test
  void theLeastRecentlySelectedOfTheBestThirdIsTaken() {
    Router router = Router.before(10, FlexlbShortestTtft.NAME);
    Set<Integer> seen = new HashSet<>();

    for (int i = 0; i < 10; i++) {
      Router.Sent sent = router.send(text(100));
      sent.finish();
      seen.add(sent.index());
    }

    assertThat(seen).hasSize(10);
  }

  @Test
  void whatTheEngineHasCachedNeedNotBeRead() {
    Router router = Router.before(2, FlexlbShortestTtft.NAME);
    router.server(0).cachedTokens = 0;
    router.server(1).cachedTokens = 500;

    assertThat(router.send(text(1000)).index()).isEqualTo(1);
  }

  @Test
  void aFullQueueIsPassedOverUntilItIsShorter() {
    Router router = Router.before(2, FlexlbShortestTtft.NAME);
    Target first = router.targets.get(0);
    Target second = router.targets.get(1);
    router.send(text(1_000_000), first);
    Router.Sent[] sent = new Router.Sent[65];
    for (int i = 0; i < sent.length; i++) {
      sent[i] = router.send(text(1), second);
    }
    assertThat(router.send(text(1)).index()).isEqualTo(1);

    for (int i = 0; i < 10; i++) {
      sent[i].finish();
    }
    assertThat(router.send(text(1)).index()).isEqualTo(1);
    sent[10].finish();

    assertThat(router.send(text(1)).index()).isEqualTo(0);
  }
}
