package io.inferencerouter.benchmarks.simulation.policy.inference;

import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.blocks;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import org.junit.jupiter.api.Test;

final class PrefixTreeTest {
  private final PrefixTree tree = new PrefixTree();

  @Test
  void theLongestPrefixMatches() {
    tree.insert(blocks(1, 2, 3));

    assertThat(tree.matchedTokens(blocks(1, 2, 9))).isEqualTo(1024);
    assertThat(tree.matchedTokens(blocks(9, 2, 3))).isZero();
    assertThat(tree.tokens()).isEqualTo(3 * 512);
  }

  @Test
  void aMatchIsNoLongerThanTheInput() {
    tree.insert(Router.request(600, "", "", Blocks.of(1, 2)));

    assertThat(tree.matchedTokens(Router.request(600, "", "", Blocks.of(1, 2)))).isEqualTo(600);
    assertThat(tree.tokens()).isEqualTo(600);
  }

  @Test
  void theOldestLeafIsForgottenFirst() {
    tree.bound(4 * 512);
    tree.insert(blocks(1, 2));
    tree.insert(blocks(1, 3));
    tree.insert(blocks(1, 4));
    tree.insert(blocks(1, 5));

    assertThat(tree.matchedTokens(blocks(1, 2))).isEqualTo(512);
    assertThat(tree.matchedTokens(blocks(1, 3))).isEqualTo(1024);
    assertThat(tree.tokens()).isEqualTo(4 * 512);
  }

  @Test
  void anInputLargerThanTheBoundKeepsItsBeginning() {
    tree.bound(2 * 512);

    tree.insert(blocks(1, 2, 3, 4));

    assertThat(tree.matchedTokens(blocks(1, 2, 3, 4))).isEqualTo(1024);
  }

  @Test
  void modelsDoNotShare() {
    tree.insert(Router.request(512, "a", "", Blocks.of(1)));

    assertThat(tree.matchedTokens(Router.request(512, "b", "", Blocks.of(1)))).isZero();
  }
}
