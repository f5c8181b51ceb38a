package io.inferencerouter.examples.languagemodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TinyKjvTest {
  private static final String TEXT = "And the king said unto";
  private static final int ENOUGH = 30;

  private final TinyKjv model = LoadedKjv.get();

  @Test
  void tokensBecomeTheTextAgain() {
    assertThat(model.encode(TEXT)).containsExactly(297, 260, 413, 389, 321);
    assertThat(model.decode(model.encode(TEXT))).isEqualTo(TEXT);
    assertThat(model.decode(model.encode("Zwölf\nPfähle"))).isEqualTo("Zwölf\nPfähle");
  }

  @Test
  void longTextsAreNotCut() {
    assertThat(model.encode(TEXT.repeat(300))).hasSizeGreaterThan(TinyKjv.CONTEXT);
  }

  @Test
  void readingTokenByTokenIsTheSameAsReadingAllAtOnce() throws Exception {
    long[] tokens = model.encode(TEXT + " Moses, Speak unto the children");
    try (Sequence whole = model.read(tokens);
        Sequence parts = model.read(Arrays.copyOf(tokens, 3))) {
      for (int i = 3; i < tokens.length; i++) {
        parts.append(tokens[i]);
      }

      assertThat(parts.length()).isEqualTo(whole.length()).isEqualTo(tokens.length);
      float[] expected = whole.logits();
      float[] logits = parts.logits();
      assertThat(logits).hasSize(1024);
      for (int i = 0; i < logits.length; i++) {
        assertThat(logits[i]).isEqualTo(expected[i], within(1e-3f));
      }
    }
  }

  @Test
  void equalSeedsGiveEqualAnswersAndOthersDoNot() throws Exception {
    assertThat(answer(0.7, 5)).isEqualTo(answer(0.7, 5)).isNotEqualTo(answer(0.7, 6));
  }

  @Test
  void withoutTemperatureTheSeedDoesNotMatter() throws Exception {
    assertThat(answer(0, 5)).isEqualTo(answer(0, 6));
  }

  @Test
  void theAnswerEndsAtTheLimitOrAtAStop() throws Exception {
    Prompt limited = new Prompt(model.encode(TEXT), 7, 0.7, 1, List.of());
    try (Continuation continuation = Continuation.of(model, limited)) {
      for (int i = 0; i < 7; i++) {
        assertThat(continuation.isFinished()).isFalse();
        continuation.next();
      }
      assertThat(continuation.finish()).isEqualTo("length");
      assertThat(continuation.tokens()).isEqualTo(7);
      assertThatThrownBy(continuation::next).isInstanceOf(IllegalStateException.class);
    }
    Prompt stopping = new Prompt(model.encode(TEXT + "\n"), 200, 0.7, 1, List.of("\n"));
    try (Continuation continuation = Continuation.of(model, stopping)) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 200 && !continuation.isFinished(); i++) {
        text.append(continuation.next());
      }
      assertThat(continuation.finish()).isEqualTo("stop");
      assertThat(text.toString()).isNotBlank().doesNotContain("\n");
    }
  }

  @Test
  void promptsThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> new Prompt(new long[0], 1, 0, 0, List.of()))
        .hasMessage("tokens: none (expected: at least one)");
    assertThatThrownBy(() -> new Prompt(new long[1000], 25, 0, 0, List.of()))
        .hasMessage("maxTokens: 25 (expected: 1 to 24)");
  }

  private String answer(double temperature, long seed) throws Exception {
    Prompt prompt = new Prompt(model.encode(TEXT), ENOUGH, temperature, seed, List.of());
    StringBuilder text = new StringBuilder();
    try (Continuation continuation = Continuation.of(model, prompt)) {
      for (int i = 0; i < ENOUGH && !continuation.isFinished(); i++) {
        text.append(continuation.next());
      }
    }
    return text.toString();
  }
}
