package io.inferencerouter.benchmarks.simulation.policy.inference;

import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.blocks;
import static io.inferencerouter.benchmarks.simulation.policy.inference.Router.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LlmdScorersTest {
  private final Router router = Router.before(3, LlmdScorers.NAME);

  @Test
  void theShortestQueueWins() {
    router.server(0).queue(5, 0);
    router.server(2).queue(9, 0);
    scrape();

    assertThat(router.send(text(10)).index()).isEqualTo(1);
  }

  @Test
  void freeMemoryWins() {
    router.server(0).queue(0, 0.5);
    router.server(1).queue(0, 0.9);
    router.server(2).queue(0, 0.4);
    scrape();

    assertThat(router.send(text(10)).index()).isEqualTo(2);
  }

  @Test
  void aWholeMatchOutweighsTheLongestQueueButNotWithFullMemory() {
    int home = router.send(blocks(1, 2)).index();
    router.server(home).queue(9, 0.4);
    scrape();
    assertThat(router.send(blocks(1, 2)).index()).isEqualTo(home);

    router.server(home).queue(9, 0.6);
    scrape();

    assertThat(router.send(blocks(1, 2)).index()).isNotEqualTo(home);
  }

  @Test
  void metricsAreThoseOfTheLastScrape() {
    scrape();
    int scrapes = router.server(0).scrapes;
    router.server(0).queue(9, 0.9);
    router.server(1).queue(9, 0.9);
    for (int i = 0; i < 30; i++) {
      router.send(text(10)).finish();
    }
    assertThat(router.server(0).scrapes).isEqualTo(scrapes);

    router.run(Duration.ofSeconds(1).toNanos());

    assertThat(router.server(0).scrapes).isEqualTo(scrapes + 20);
    assertThat(router.send(text(10)).index()).isEqualTo(2);
  }

  private void scrape() {
    router.run(Duration.ofMillis(2 * LlmdScorers.SCRAPE_MILLIS).toNanos());
  }
}
