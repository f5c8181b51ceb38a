package io.inferencerouter.examples.demo.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConclusionTest {
  @Test
  void theLastPolicyIsComparedWithTheOthers() {
    String sentence =
        Conclusion.of(
            Headline.ANSWER,
            List.of(
                Results.of("round-robin", 6, 0, 0),
                Results.of("least-outstanding", 2.05, 0, 0),
                Results.of("predicted-time", 2, 0, 0)));

    assertThat(sentence)
        .contains(
            "with predicted-time, 99 % of the requests were answered within 2.00 s",
            "3.0 times sooner than with round-robin",
            "about the same as with least-outstanding",
            "300 of all 300 requests");
  }

  @Test
  void itSaysWhenTheLastPolicyIsWorse() {
    assertThat(
            Conclusion.of(
                Headline.ANSWER,
                List.of(Results.of("round-robin", 1, 0, 0), Results.of("predicted-time", 2, 0, 0))))
        .contains("2.0 times later than with round-robin");
  }

  @Test
  void itSaysWhenRequestsFailed() {
    assertThat(Conclusion.of(Headline.ANSWER, List.of(Results.of("predicted-time", 2, 3, 1))))
        .contains("96 of all 100 requests");
  }

  @Test
  void nothingIsComparedWhenNothingWasAnswered() {
    assertThat(
            Conclusion.of(
                Headline.ANSWER,
                List.of(
                    Results.of("round-robin", 1, 0, 100), Results.of("predicted-time", 2, 0, 0))))
        .contains("not comparable with round-robin");
  }

  @Test
  void streamsAreComparedByTheirFirstToken() {
    assertThat(
            Conclusion.of(
                Headline.FIRST_TOKEN,
                List.of(
                    Results.streamed("round-robin", 3, 2.5),
                    Results.streamed("predicted-time", 3, 0.5))))
        .contains(
            "with predicted-time, 99 % of the requests had their first token within 0.50 s",
            "5.0 times sooner than with round-robin");
  }
}
