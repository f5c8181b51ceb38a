package io.inferencerouter.benchmarks.simulation.policy.inference;

import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.blocks;
import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class SglangCacheAwareTest {
  private final Router router = Router.before(4, SglangCacheAware.NAME);

  @Test
  void aMatchOfMoreThanHalfOfTheInputGoesHome() {
    int home = router.send(blocks(1, 2, 3)).index();
    router.send(text(100));

    for (long i = 0; i < 10; i++) {
      assertThat(router.send(blocks(1, 2, 10 + i)).index()).isEqualTo(home);
    }
  }

  @Test
  void aMatchOfHalfOfTheInputGoesToTheSmallestTree() {
    int home = router.send(blocks(1, 2)).index();

    assertThat(router.send(blocks(1, 3)).index()).isNotEqualTo(home);
  }

  @Test
  void inputsThatShareNothingEvenTheTreesOut() {
    int large = router.send(text(3000)).index();

    for (int i = 0; i < 9; i++) {
      assertThat(router.send(text(300)).index()).isNotEqualTo(large);
    }
  }

  @Test
  void unevenLoadBreaksAffinity() {
    int home = router.send(blocks(1)).index();
    for (int i = 0; i < SglangCacheAware.BALANCE_ABS_THRESHOLD; i++) {
      assertThat(router.send(blocks(1)).index()).isEqualTo(home);
    }

    assertThat(router.send(blocks(1)).index()).isNotEqualTo(home);
  }

  @Test
  void whatIsTooMuchIsForgottenAtTheNextRound() {
    RouterBalancer<?> balancer = (RouterBalancer<?>) router.balancer;
    for (int i = 0; i < 5; i++) {
      router.send(text(4_000_000)).finish();
    }
    assertThat(balancer.workers()).anyMatch(worker -> worker.prefixes().tokens() > 1 << 22);

    router.run(Duration.ofSeconds(61).toNanos());

    assertThat(balancer.workers()).allMatch(worker -> worker.prefixes().tokens() <= 1 << 22);
  }
}
