package io.inferencerouter.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.CapturedOutput;
import io.inferencerouter.examples.languagemodel.CompletionServer;
import io.inferencerouter.examples.languagemodel.LoadedKjv;
import io.inferencerouter.examples.languagemodel.Pace;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChatExampleTest {
  @Test
  void theTextIsPrintedAsItComesAndTheFirstTokenComesFirst() throws Exception {
    StringBuilder out = new StringBuilder();
    try (CompletionServer one = server("one", Pace.of(1000, 1_000_000));
        CompletionServer two = server("two", Pace.of(1000, 1_000_000))) {
      List<StreamedAnswer> answers =
          ChatExample.run(List.of("Who is wise?", "Where is he?"), List.of(one, two), out);

      assertThat(answers).hasSize(2);
      for (StreamedAnswer answer : answers) {
        assertThat(answer.text()).isNotBlank();
        assertThat(answer.tokens()).isEqualTo(60);
        assertThat(answer.endpoint()).isIn("one", "two");
        assertThat(answer.timeToFirstToken()).isPositive().isLessThan(answer.total());
        assertThat(out).contains(answer.text(), answer.summary());
      }
      assertThat(one.load().generatedTokens() + two.load().generatedTokens()).isEqualTo(120);
    }
  }

  @Test
  void theEndpointThatIsDeclaredToBeFasterIsAsked() throws Exception {
    try (CompletionServer slow = server("slow", Pace.of(1000, 5_000_000));
        CompletionServer fast = server("fast", Pace.of(1000, 1_000_000))) {
      assertThat(ChatExample.run(List.of("Who is wise?"), List.of(slow, fast), new StringBuilder()))
          .extracting(StreamedAnswer::endpoint)
          .containsExactly("fast");
    }
  }

  @Test
  void itPrintsQuestionsAndAnswers() throws Exception {
    assertThat(CapturedOutput.of(() -> ChatExample.main(new String[0])))
        .contains("> And the king said unto", "> Who can find wisdom?")
        .containsPattern("\\[(fast|slow): first token after \\d+ ms, 60 tokens in \\d+ ms]");
  }

  private static CompletionServer server(String name, Pace pace) throws Exception {
    return CompletionServer.start(name, LoadedKjv.get(), pace, 2);
  }
}
