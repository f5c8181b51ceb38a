package io.inferencerouter.examples.selector;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.CapturedOutput;
import io.inferencerouter.examples.loopback.ChatServer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SelectorExampleTest {
  @Test
  void fewRequestsStayInTheZoneAndAFloodSpillsOver() throws Exception {
    try (ChatServer home = ChatServer.start("home", Duration.ofMillis(2));
        ChatServer away = ChatServer.start("away", Duration.ofMillis(2))) {
      assertThat(SelectorExample.run(home.url(), away.url(), false))
          .isEqualTo(Map.of("Answered by home", 5));
      assertThat(away.answered()).isZero();

      Map<String, Integer> flood = SelectorExample.run(home.url(), away.url(), true);

      assertThat(flood).containsOnlyKeys("Answered by home", "Answered by away");
      assertThat(flood.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(30);
    }
  }

  @Test
  void itPrintsBothCases() throws Exception {
    assertThat(CapturedOutput.of(() -> SelectorExample.main(new String[0])).lines())
        .hasSize(2)
        .allMatch(line -> line.contains("Answered by home"));
  }
}
