package io.inferencerouter.examples.languagemodel;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A request of an engine, seen from the one who made it. Closing it before its end cancels it: the
 * engine frees its slot before its next step. {@link #next} is for one thread at a time.
 */
public final class Generation implements AutoCloseable {
  private final BatchingEngine engine;
  private final Prompt prompt;
  private final BlockingQueue<Token> tokens = new LinkedBlockingQueue<>();
  private volatile boolean cancelled;
  private volatile boolean ended;

  // Of the engine's thread alone
  private @Nullable Continuation continuation;
  private long startNanos;
  private long overrunAtStart;

  Generation(BatchingEngine engine, Prompt prompt) {
    this.engine = engine;
    this.prompt = prompt;
  }

  /** The prompt. */
  public Prompt prompt() {
    return prompt;
  }

  /**
   * Waits for the next token.
   *
   * @throws IOException if the engine failed or was closed
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public Token next() throws IOException, InterruptedException {
    Token token = tokens.take();
    if (!token.failure().isEmpty()) {
      throw new IOException(token.failure());
    }
    return token;
  }

  @Override
  public void close() {
    if (!ended) {
      cancelled = true;
      engine.forget(this);
    }
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** Reads the prompt and finds the first token. */
  Token begin(TinyKjv model, long nowNanos, long overrunNanos) throws IOException {
    startNanos = nowNanos;
    overrunAtStart = overrunNanos;
    continuation = Continuation.of(model, prompt);
    return advance();
  }

  /** Finds the next token. */
  Token advance() throws IOException {
    Continuation running = continuation;
    if (running == null) {
      throw new IllegalStateException("generation: not begun");
    }
    String text = running.next();
    return new Token(text, running.finish(), running.tokens(), "");
  }

  /** Gives the consumer a token. */
  void emit(Token token) {
    ended |= token.isLast();
    tokens.add(token);
  }

  void fail(String reason) {
    emit(new Token("", Continuation.UNFINISHED, 0, reason));
  }

  int cachedTokens() {
    return continuation == null ? 0 : continuation.cachedTokens();
  }

  long startNanos() {
    return startNanos;
  }

  long overrunAtStart() {
    return overrunAtStart;
  }

  /** Gives the cache back. */
  void release() {
    if (continuation != null) {
      continuation.close();
      continuation = null;
    }
  }

  /**
   * One token of an answer.
   *
   * @param text what it adds to the text; may be empty
   * @param finish why the answer ends with it; {@link Continuation#UNFINISHED} when it goes on
   * @param number how many tokens there are with it
   * @param failure why there are no more; empty as a rule
   */
  public record Token(String text, String finish, int number, String failure) {
    /** Whether none comes after it. */
    public boolean isLast() {
      return !finish.equals(Continuation.UNFINISHED) || !failure.isEmpty();
    }
  }
}
