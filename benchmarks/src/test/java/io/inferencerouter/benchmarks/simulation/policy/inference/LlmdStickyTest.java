package io.inferencerouter.benchmarks.simulation.policy.inference;

import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.blocks;
import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.text;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LlmdStickyTest {
  private final Router router = Router.before(2, LlmdSticky.NAME);

  @Test
  void theFewestTokensWinWhereNothingMatches() {
    int busy = router.send(text(1000)).index();

    assertThat(router.send(text(600)).index()).isNotEqualTo(busy);
    assertThat(router.send(text(10)).index()).isNotEqualTo(busy);
    assertThat(router.send(text(600)).index()).isNotEqualTo(busy);
    assertThat(router.send(text(10)).index()).isEqualTo(busy);
  }

  @Test
  void tokensCountUntilTheFirstOutput() {
    Router.Sent sent = router.send(text(1000));
    int other = router.send(text(500)).index();

    sent.observer().firstToken();

    assertThat(router.send(text(10)).index()).isNotEqualTo(other);
  }

  @Test
  void aRequestStaysWhereFourFifthsOfItAreUntilThatIsSaturated() {
    Router.Sent first = router.send(blocks(1, 2, 3, 4));
    first.finish();
    int home = first.index();
    int uncached = 512;
    long margin =
        (long) LlmdSticky.MAX_TTFT_PENALTY_MILLIS
            * LlmdSticky.PEAK_PREFILL_TOKENS_PER_SECOND
            / 1000;
    int stay = (int) (margin / uncached) + 1;

    for (long i = 0; i < stay; i++) {
      assertThat(router.send(blocks(1, 2, 3, 4, 100 + i)).index()).isEqualTo(home);
    }

    assertThat(router.send(blocks(1, 2, 3, 4, 99)).index()).isNotEqualTo(home);
  }

  @Test
  void lessThanFourFifthsDoNotStick() {
    int home = router.send(blocks(1, 2, 3)).index();

    router.send(text(1), router.targets.get(home ^ 1));

    // 1537 and 512 at home against 2048.
    assertThat(router.send(blocks(1, 2, 3, 4)).index()).isEqualTo(home ^ 1);
  }
}
