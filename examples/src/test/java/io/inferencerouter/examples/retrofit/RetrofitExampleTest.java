package io.inferencerouter.examples.retrofit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.CapturedOutput;
import io.inferencerouter.examples.loopback.ChatServer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetrofitExampleTest {
  @Test
  void bothEndpointsAnswerTheirShareOfTheQuestions() throws Exception {
    try (ChatServer one = ChatServer.start("gpu-1", Duration.ofMillis(10));
        ChatServer two = ChatServer.start("gpu-2", Duration.ofMillis(10))) {
      Map<String, Integer> counts = RetrofitExample.run(one.url(), two.url());

      assertThat(counts).containsOnlyKeys("Answered by gpu-1", "Answered by gpu-2");
      assertThat(counts.values()).allMatch(count -> count >= 5);
      assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(20);
      assertThat(counts).containsEntry("Answered by gpu-1", one.answered());
    }
  }

  @Test
  void itPrintsWhoAnswered() throws Exception {
    assertThat(CapturedOutput.of(() -> RetrofitExample.main(new String[0])).lines())
        .hasSize(2)
        .allMatch(line -> line.matches("Answered by gpu-[12]: \\d+ times"));
  }
}
