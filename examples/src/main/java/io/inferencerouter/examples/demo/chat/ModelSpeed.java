package io.inferencerouter.examples.demo.chat;

import io.inferencerouter.examples.languagemodel.Continuation;
import io.inferencerouter.examples.languagemodel.Prompt;
import io.inferencerouter.examples.languagemodel.TinyKjv;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * How fast one processor of this machine runs the model: the units in which the engines' slow-downs
 * are stated.
 *
 * @param inputNanos nanoseconds for each token of a prompt, above zero
 * @param outputNanos nanoseconds for each token generated, above zero
 */
record ModelSpeed(double inputNanos, double outputNanos) {
  private static final int PASSES = 12;

  /** Of a long prompt, since those take the time. */
  private static final int READ_TOKENS = 400;

  /** What is generated after a prompt that is as long as most. */
  private static final int SHORT_PROMPT_TOKENS = 100;

  private static final int GENERATED_TOKENS = 24;

  ModelSpeed {
    if (!(inputNanos > 0 && outputNanos > 0)) {
      throw new IllegalArgumentException(
          "speed: " + inputNanos + ", " + outputNanos + " (expected: above zero)");
    }
  }

  /**
   * Measures: first as often as fits into the warm-up, so that the JVM has compiled what runs, then
   * in {@value #PASSES} passes, of which the fastest counts: what else the machine does can only
   * slow it down.
   *
   * @param text at least so long that it has {@value #READ_TOKENS} tokens
   */
  static ModelSpeed measure(TinyKjv model, String text, Duration warmUp) throws IOException {
    long[] tokens = model.encode(text);
    Prompt read = prompt(Arrays.copyOf(tokens, READ_TOKENS), 1);
    Prompt generate = prompt(Arrays.copyOf(tokens, SHORT_PROMPT_TOKENS), GENERATED_TOKENS);
    long warmUntil = System.nanoTime() + warmUp.toNanos();
    do {
      readNanos(model, read);
      generateNanos(model, generate);
    } while (System.nanoTime() < warmUntil);
    long input = Long.MAX_VALUE;
    long output = Long.MAX_VALUE;
    for (int pass = 0; pass < PASSES; pass++) {
      input = Math.min(input, readNanos(model, read));
      output = Math.min(output, generateNanos(model, generate));
    }
    return new ModelSpeed((double) input / READ_TOKENS, (double) output / (GENERATED_TOKENS - 1));
  }

  /** This speed, or the given times where they are shorter. */
  ModelSpeed atMost(double maxInputNanos, double maxOutputNanos) {
    return new ModelSpeed(
        Math.min(inputNanos, maxInputNanos), Math.min(outputNanos, maxOutputNanos));
  }

  private static Prompt prompt(long[] tokens, int maxTokens) {
    return new Prompt(tokens, maxTokens, 1, 0, List.of());
  }

  private static long readNanos(TinyKjv model, Prompt prompt) throws IOException {
    long start = System.nanoTime();
    try (Continuation continuation = Continuation.of(model, prompt)) {
      continuation.next();
      return System.nanoTime() - start;
    }
  }

  private static long generateNanos(TinyKjv model, Prompt prompt) throws IOException {
    try (Continuation continuation = Continuation.of(model, prompt)) {
      continuation.next(); // comes with the prompt
      long start = System.nanoTime();
      while (!continuation.isFinished()) {
        continuation.next();
      }
      return System.nanoTime() - start;
    }
  }
}
