package io.inferencerouter.examples.languagemodel;

import java.io.IOException;

/**
 * One answer while it is generated, token by token. The engine and a direct call both use it, so
 * that the same prompt and seed give the same answer. Not safe for use by several threads at once.
 */
public final class Continuation implements AutoCloseable {
  /** Says that the answer goes on. */
  public static final String UNFINISHED = "";

  private final Sequence sequence;
  private final Prompt prompt;
  private final Sampler sampler;
  private final Transcript transcript;
  private long last;
  private int tokens;
  private String finish = UNFINISHED;

  private Continuation(Sequence sequence, Prompt prompt, TinyKjv model) {
    this.sequence = sequence;
    this.prompt = prompt;
    this.sampler = new Sampler(prompt.temperature(), prompt.seed());
    this.transcript = new Transcript(model, prompt.stops());
  }

  /** Reads the prompt. */
  public static Continuation of(TinyKjv model, Prompt prompt) throws IOException {
    return new Continuation(model.read(prompt.tokens()), prompt, model);
  }

  /**
   * Generates one more token.
   *
   * @return the text that can be given out now; may be empty
   */
  public String next() throws IOException {
    if (isFinished()) {
      throw new IllegalStateException("continuation: finished");
    }
    if (tokens > 0) {
      sequence.append(last);
    }
    last = sampler.next(sequence.logits());
    tokens++;
    if (last == TinyKjv.END_OF_TEXT) {
      finish = "stop";
      return transcript.end();
    }
    String text = transcript.add(last);
    if (transcript.isStopped()) {
      finish = "stop";
    } else if (tokens == prompt.maxTokens()) {
      finish = "length";
      return text + transcript.end();
    }
    return text;
  }

  /** How many tokens were generated, the one that ended the answer included. */
  public int tokens() {
    return tokens;
  }

  /** How many tokens are in the cache. */
  int cachedTokens() {
    return sequence.length();
  }

  /** Whether the answer is complete. */
  public boolean isFinished() {
    return !finish.equals(UNFINISHED);
  }

  /** Why the answer ended: {@code stop} or {@code length}; {@link #UNFINISHED} before that. */
  public String finish() {
    return finish;
  }

  @Override
  public void close() {
    sequence.close();
  }
}
