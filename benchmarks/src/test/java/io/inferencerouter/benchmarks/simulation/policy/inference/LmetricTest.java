package io.inferencerouter.benchmarks.simulation.policy.inference;

import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.blocks;
import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.text;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LmetricTest {
  private final Router router = Router.before(2, Lmetric.NAME);

  @Test
  void theProductDecides() {
    // One long prompt at one, three short ones in decoding at the other.
    Router.Sent large = router.send(text(3000));
    for (int i = 0; i < 3; i++) {
      Router.Sent small = router.send(text(10));
      assertThat(small.index()).isNotEqualTo(large.index());
      small.observer().firstToken();
    }

    // 3 × 1400 < 1 × (3000 + 1400), but 3 × 1600 > 1 × (3000 + 1600).
    assertThat(router.send(text(1600)).index()).isEqualTo(large.index());
    Router again = Router.before(2, Lmetric.NAME);
    Router.Sent first = again.send(text(3000));
    for (int i = 0; i < 3; i++) {
      again.send(text(10)).observer().firstToken();
    }
    assertThat(again.send(text(1400)).index()).isNotEqualTo(first.index());
  }

  @Test
  void cachedInputIsNotNew() {
    Router.Sent first = router.send(blocks(1, 2, 3, 4));
    Router.Sent other = router.send(text(10));
    first.observer().firstToken();
    other.observer().firstToken();
    router.send(text(10), router.targets.get(other.index())).observer().firstToken();

    // 2 × 512 at home against 1 × 2560.
    assertThat(router.send(blocks(1, 2, 3, 4, 5)).index()).isEqualTo(first.index());
  }

  @Test
  void anEmptyBatchWins() {
    Router.Sent first = router.send(blocks(1, 2, 3, 4));
    first.observer().firstToken();

    assertThat(router.send(blocks(1, 2, 3, 4, 5)).index()).isNotEqualTo(first.index());
  }

  @Test
  void aWholeMatchIsAsGoodAsAnEmptyBatch() {
    Router.Sent first = router.send(blocks(1, 2, 3, 4));
    first.observer().firstToken();

    assertThat(router.send(blocks(1, 2, 3, 4)).index()).isEqualTo(first.index());
  }
}
