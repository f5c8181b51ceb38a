package io.inferencerouter.examples.demo.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.ServerTiming;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatJobTest {
  private static final String RIGHT =
      """
      data: {"choices":[{"delta":{"role":"assistant","content":"And "},"finish_reason":null}]}

      data: {"choices":[{"delta":{"content":"he"},"finish_reason":"stop"}]}

      data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}

      data: [DONE]

      """;

  private final ChatJob job =
      new ChatJob(
          0,
          new ChatQuestion(ChatKind.QUESTION, List.of("Who?"), 10, 1),
          new ExpectedAnswer("And he", 5, 2, "stop"),
          0);

  @Test
  void theExpectedStreamIsRight() {
    assertThat(job.problem(answer(RIGHT))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"he\" | \"she\" | text=And she",
        "\"completion_tokens\":2 | \"completion_tokens\":3 | tokens=3",
        "\"prompt_tokens\":5 | \"prompt_tokens\":6 | promptTokens=6",
        "\"stop\" | \"length\" | finish=length",
        "[DONE] | {} | it did not end with [DONE]",
        "[DONE] | { | stream: "
      })
  void aStreamThatDiffersIsFound(String part, String other, String reason) {
    assertThat(job.problem(answer(RIGHT.replace(part, other))))
        .hasValueSatisfying(problem -> assertThat(problem).contains(reason));
  }

  @Test
  void anEventTooFewAWrongStatusAndAFailureAreFound() {
    assertThat(job.problem(answer(RIGHT, 200, new long[] {1}, "")))
        .hasValue("1 events (expected: 2)");
    assertThat(job.problem(answer(RIGHT, 429, new long[0], ""))).hasValue("status 429");
    assertThat(job.problem(answer("", 0, new long[0], "reset"))).hasValue("reset");
  }

  private Answer answer(String stream) {
    return answer(stream, 200, new long[] {1, 2}, "");
  }

  private Answer answer(String stream, int status, long[] outputs, String failure) {
    return new Answer(
        job, 3, outputs, status, "e", ServerTiming.UNKNOWN, stream.getBytes(UTF_8), failure);
  }
}
