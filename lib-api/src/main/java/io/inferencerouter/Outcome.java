package io.inferencerouter;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended, and whose doing that was. Immutable.
 *
 * <p>Only {@link Kind#SERVER_FAULT} and {@link Kind#TIMEOUT} count against the endpoint. A client
 * that goes away and a request that is wrong are nobody's failure; rate limiting is a matter of
 * quota, not of health.
 */
public final class Outcome {
  /** The kinds of ending. */
  public enum Kind {
    /** Answered. */
    SUCCESS,
    /** The caller lost interest. */
    CANCELLED,
    /** The endpoint, or the way to it, failed: connection errors, 5xx, broken answers. */
    SERVER_FAULT,
    /** No answer in time. */
    TIMEOUT,
    /** The endpoint refused for reasons of quota: 429, RESOURCE_EXHAUSTED. */
    RATE_LIMITED,
    /** The endpoint refused a request that is wrong in itself: the other 4xx. */
    REJECTED;

    /** Whether this ending counts against the endpoint. */
    public boolean isFault() {
      return this == SERVER_FAULT || this == TIMEOUT;
    }
  }

  /** How far an attempt came that did not end well; what another attempt might do twice. */
  public enum Progress {
    /** Nothing of the request has left: it was not connected, or refused before it was read. */
    NOTHING_SENT,
    /** The request, or a part of it, may have been read; nothing of an answer was passed on. */
    SENT,
    /** Something of an answer was passed on to the caller. */
    RECEIVED
  }

  private static final Outcome SUCCESS = of(Kind.SUCCESS);
  private static final Outcome CANCELLED = of(Kind.CANCELLED);
  private static final Outcome SERVER_FAULT = of(Kind.SERVER_FAULT);
  private static final Outcome TIMEOUT = of(Kind.TIMEOUT);
  private static final Outcome RATE_LIMITED = of(Kind.RATE_LIMITED);
  private static final Outcome REJECTED = of(Kind.REJECTED);

  private final Kind kind;
  private final Usage usage;
  private final @Nullable Duration retryAfter;
  private final @Nullable Progress progress;

  private Outcome(
      Kind kind, Usage usage, @Nullable Duration retryAfter, @Nullable Progress progress) {
    this.kind = kind;
    this.usage = usage;
    this.retryAfter = retryAfter;
    this.progress = progress;
  }

  private static Outcome of(Kind kind) {
    return new Outcome(kind, Usage.unknown(), null, null);
  }

  /** Answered. */
  public static Outcome success() {
    return SUCCESS;
  }

  /** The caller lost interest. */
  public static Outcome cancelled() {
    return CANCELLED;
  }

  /** The endpoint, or the way to it, failed. */
  public static Outcome serverFault() {
    return SERVER_FAULT;
  }

  /** No answer in time. */
  public static Outcome timeout() {
    return TIMEOUT;
  }

  /** Refused for reasons of quota, without saying for how long. */
  public static Outcome rateLimited() {
    return RATE_LIMITED;
  }

  /**
   * Refused for reasons of quota; the endpoint asks not to be tried again before {@code retryAfter}
   * has passed.
   */
  public static Outcome rateLimited(Duration retryAfter) {
    return RATE_LIMITED.withRetryAfter(retryAfter);
  }

  /** Refused because the request itself is wrong. */
  public static Outcome rejected() {
    return REJECTED;
  }

  /**
   * The outcome that an exception of an attempt stands for: cancellation and interruption are
   * {@link Kind#CANCELLED}, time-outs {@link Kind#TIMEOUT}, everything else {@link
   * Kind#SERVER_FAULT}. Wrappers of {@code java.util.concurrent} are looked through.
   */
  public static Outcome ofFailure(Throwable failure) {
    Throwable cause = Objects.requireNonNull(failure, "failure");
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof CancellationException || cause instanceof InterruptedException) {
      return CANCELLED;
    }
    if (cause instanceof TimeoutException || cause instanceof InterruptedIOException) {
      return TIMEOUT;
    }
    return SERVER_FAULT;
  }

  /** The same ending, with what the request really took. */
  public Outcome withUsage(Usage usage) {
    return new Outcome(kind, Objects.requireNonNull(usage, "usage"), retryAfter, progress);
  }

  /**
   * The same ending of an endpoint that asks not to be tried again before {@code retryAfter} has
   * passed.
   */
  public Outcome withRetryAfter(Duration retryAfter) {
    return new Outcome(kind, usage, Require.notNegative("retryAfter", retryAfter), progress);
  }

  /** The same ending of an attempt that came so far. */
  public Outcome withProgress(Progress progress) {
    return new Outcome(kind, usage, retryAfter, Objects.requireNonNull(progress, "progress"));
  }

  /** The kind of ending. */
  public Kind kind() {
    return kind;
  }

  /** What the request really took; {@link Usage#unknown()} when that was not reported. */
  public Usage usage() {
    return usage;
  }

  /** How long the endpoint asks to be left alone. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** How far the attempt came; empty when that was not stated. */
  public Optional<Progress> progress() {
    return Optional.ofNullable(progress);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Outcome that
        && kind == that.kind
        && usage.equals(that.usage)
        && Objects.equals(retryAfter, that.retryAfter)
        && progress == that.progress;
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, usage, retryAfter, progress);
  }

  @Override
  public String toString() {
    String wait = retryAfter == null ? "" : ", retry after " + retryAfter;
    String came = progress == null ? "" : ", " + progress;
    return "Outcome[" + kind + (usage.isKnown() ? ", " + usage : "") + wait + came + "]";
  }
}
