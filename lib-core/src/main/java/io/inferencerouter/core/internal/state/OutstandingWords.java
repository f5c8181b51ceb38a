package io.inferencerouter.core.internal.state;

/** Keeps what follows off the cache line of whatever the allocator has placed before. */
@SuppressWarnings("unused")
abstract class PaddingBefore {
  private long unused00, unused01, unused02, unused03, unused04, unused05, unused06, unused07;
  private long unused08, unused09, unused10, unused11, unused12, unused13, unused14, unused15;
}

/**
 * The words of an endpoint that picks read and requests change, side by side: first those that are
 * read of every candidate, then those of the chosen one, then the rest. All of them are longs, as a
 * smaller one would be put where there is a gap, which is before the padding.
 */
abstract class OutstandingWords extends PaddingBefore {
  /** closed (1 bit) | in flight (15 bits) | reserved input, in microseconds (48 bits). */
  volatile long admission;

  /** Since when the oldest unanswered work has been there; of no meaning when there is none. */
  volatile long unansweredSince;

  /** The error level; see {@link ErrorLevel}. */
  volatile long errors;

  /** What is reserved of generating; see {@link Generation}. */
  volatile long generation;

  /** How many requests are past their first output. */
  volatile long decoding;

  /** What has been answered; see {@link AnswerTally}. */
  volatile long answers = AnswerTally.START;

  /**
   * Since when what becomes of requests says how the endpoint is; {@link #NEVER} if it always did.
   */
  volatile long currentSince;

  /** Whether the endpoint has answered a request since it joined or came back: 1, else 0. */
  volatile long warm;

  /** The latency, if it is measured; see {@link PeakEwma}. */
  volatile long latency;

  /** failures in a row (32 bits) | failures in all (32 bits). */
  volatile long faults;

  static final long NEVER = 0;
}
