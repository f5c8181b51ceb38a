package io.inferencerouter.benchmarks.simulation.policy.inference;

import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.blocks;
import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import org.junit.jupiter.api.Test;

final class DynamoKvTest {
  private final Router router = Router.before(2, DynamoKv.NAME);

  @Test
  void prefillAndDecodeCountAlike() {
    Router.Sent large = router.send(text(3000));
    Router.Sent small = router.send(text(2000));
    assertThat(small.index()).isNotEqualTo(large.index());

    // 3000 in use only, against 2000 in use and 2000 to be read.
    large.observer().firstToken();

    assertThat(router.send(text(10)).index()).isEqualTo(large.index());
  }

  @Test
  void activeBlocksAreGivenBackAtTheEnd() {
    Router.Sent large = router.send(text(3000));
    Router.Sent small = router.send(text(2000));

    large.finish();

    assertThat(router.send(text(10)).index()).isEqualTo(large.index()).isNotEqualTo(small.index());
  }

  @Test
  void sharedBlocksCountOnce() {
    ActiveBlocks active = new ActiveBlocks();
    active.add(blocks(1, 2));
    active.add(blocks(1, 3));

    assertThat(active.tokens()).isEqualTo(3 * 512);
    assertThat(active.tokensWith(blocks(1, 2, 4))).isEqualTo(4 * 512);
    active.remove(blocks(1, 2));
    assertThat(active.tokens()).isEqualTo(2 * 512);
    active.remove(blocks(1, 3));
    assertThat(active.tokens()).isZero();
  }

  @Test
  void aBlockIsGivenBackAsItWasTaken() {
    ActiveBlocks active = new ActiveBlocks();
    active.add(Router.request(600, "", "", Blocks.of(1, 2)));
    active.add(Router.request(700, "", "", Blocks.of(1, 2)));
    active.remove(Router.request(600, "", "", Blocks.of(1, 2)));
    active.remove(Router.request(700, "", "", Blocks.of(1, 2)));

    assertThat(active.tokens()).isZero();
  }

  @Test
  void theEnginesEventsSayWhatIsCached() {
    router.server(0).cachedTokens = 0;
    router.server(1).cachedTokens = 1000;

    assertThat(router.send(text(1024)).index()).isEqualTo(1);
  }

  @Test
  void withoutEventsItRemembersWhatItSent() {
    Router.Sent first = router.send(blocks(1, 2, 3));
    first.finish();

    assertThat(router.send(blocks(1, 2, 3)).index()).isEqualTo(first.index());
  }
}
