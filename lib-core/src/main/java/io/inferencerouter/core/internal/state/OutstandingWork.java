package io.inferencerouter.core.internal.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The outstanding work of one endpoint: how many requests are in flight, how much predicted time
 * and how much context they have reserved, and whether the endpoint takes more. Beside it, as picks
 * read all of it, how badly it fails and how long it takes.
 *
 * <h2>Three words</h2>
 *
 * <p>The <em>admission word</em> packs everything that decides whether a request may enter: a
 * closed bit, the number of requests in flight, and the predicted time of input work that has not
 * reached its first output. One compare-and-set enters a request, so the slot limit is exact under
 * any race, a closed endpoint admits nothing, and whoever closes it learns from the same word
 * whether it is idle. A pick reads one word per endpoint and has both queue length and wait.
 *
 * <p>The <em>generation word</em> packs the predicted time of output work that is reserved, and the
 * context of the requests in flight, see {@link Generation}. The third counts the requests past
 * their first output; only what tells of its first output ever writes it. Both may lag behind the
 * admission word by a moment, as nothing is refused because of them.
 *
 * <h2>Exactness</h2>
 *
 * <p>The sums are integers, and a lease returns what it added, so all words are exactly zero
 * whenever no lease is out, whatever the rates have become meanwhile. No field can overflow into
 * the next: at most {@value #MAX_IN_FLIGHT} requests are in flight, each with at most {@value
 * #MAX_RESERVATION_MICROS} microseconds of input, and the product stays below 2^48; {@link
 * Generation} has its own sizes. No subtraction can borrow, since only what was added is taken
 * away.
 *
 * <h2>Age</h2>
 *
 * <p>Work that is old and unanswered says that the endpoint is slower than predicted, or stuck. How
 * old the oldest is would take a queue to know; here is an estimate that costs one word. Work that
 * enters an endpoint with nothing unanswered is the oldest. When an input is answered, the one that
 * entered next is taken for the oldest: in between, as much time has passed as its share of the
 * work that was unanswered, since work flows in at an even rate as far as anybody knows. When
 * nothing is answered any more, nothing moves the word, and the age grows: which is the case that
 * matters. Two threads that write the word at the same moment leave one of two good estimates.
 *
 * <h2>Access modes and progress</h2>
 *
 * <p>Picks read in plain mode: a score needs a recent value and no order, a pick is too short for a
 * value to grow old in it, and what counts is checked again by the compare-and-set. Plain reads are
 * what lets the compiler read each word once for all terms of a score. Entering is a lock-free loop
 * with the full ordering of a volatile compare-and-set; leaving is one wait-free get-and-add. Both
 * are sequentially consistent with the size of the wait queue, which is what makes the hand-over of
 * a freed slot to a waiter free of lost wake-ups: the waiter first joins the queue and then tries
 * to enter, the leaver first leaves and then looks at the queue.
 */
public final class OutstandingWork extends OutstandingWords {
  /** The most requests that can be in flight. */
  public static final int MAX_IN_FLIGHT = (1 << 15) - 1;

  /** The largest time that one request can reserve in one word: about 35 minutes. */
  public static final int MAX_RESERVATION_MICROS = Integer.MAX_VALUE;

  private static final int COUNT_SHIFT = 48;
  private static final long ONE = 1L << COUNT_SHIFT;
  private static final long MICROS = ONE - 1;
  private static final long CLOSED = Long.MIN_VALUE;
  private static final int RUN_SHIFT = 32;
  private static final long FAULTS_IN_ALL = (1L << RUN_SHIFT) - 1;

  private static final long COLD = 0;
  private static final long ANSWERED = 1;

  private static final VarHandle ADMISSION;
  private static final VarHandle GENERATION;
  private static final VarHandle DECODING;
  private static final VarHandle ERRORS;
  private static final VarHandle UNANSWERED;
  private static final VarHandle LATENCY;
  private static final VarHandle ANSWERS;
  private static final VarHandle FAULTS;
  private static final VarHandle WARM;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ADMISSION = lookup.findVarHandle(OutstandingWords.class, "admission", long.class);
      GENERATION = lookup.findVarHandle(OutstandingWords.class, "generation", long.class);
      DECODING = lookup.findVarHandle(OutstandingWords.class, "decoding", long.class);
      ERRORS = lookup.findVarHandle(OutstandingWords.class, "errors", long.class);
      UNANSWERED = lookup.findVarHandle(OutstandingWords.class, "unansweredSince", long.class);
      LATENCY = lookup.findVarHandle(OutstandingWords.class, "latency", long.class);
      ANSWERS = lookup.findVarHandle(OutstandingWords.class, "answers", long.class);
      FAULTS = lookup.findVarHandle(OutstandingWords.class, "faults", long.class);
      WARM = lookup.findVarHandle(OutstandingWords.class, "warm", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("unused")
  private long unused00, unused01, unused02, unused03, unused04, unused05, unused06, unused07;
  @SuppressWarnings("unused")
  private long unused08, unused09, unused10, unused11, unused12, unused13, unused14, unused15;

  /** A reading of the admission word, for scores; take it apart with the static methods. */
  public long admissionWord() {
    return (long) ADMISSION.get(this);
  }

  /** How many requests are in flight. */
  public static int inFlight(long admissionWord) {
    return (int) (admissionWord >>> COUNT_SHIFT) & MAX_IN_FLIGHT;
  }

  /** The reserved input, in microseconds. */
  public static long inputMicros(long admissionWord) {
    return admissionWord & MICROS;
  }

  /** Whether a request may enter: not closed, and fewer than {@code slots} in flight. */
  public static boolean admits(long admissionWord, int slots) {
    // The closed bit makes the count larger than any slot limit.
    return (int) (admissionWord >>> COUNT_SHIFT) < slots;
  }

  /** A reading of the generation word, for scores; take it apart with {@link Generation}. */
  public long generationWord() {
    return (long) GENERATION.get(this);
  }

  /** How many requests are past their first output. */
  public int decoding() {
    return (int) (long) DECODING.get(this);
  }

  /**
   * Enters a request, if the endpoint is open and has a free slot.
   *
   * @param slots the slot limit, at most {@link #MAX_IN_FLIGHT}
   * @param inputMicros 0 to {@link #MAX_RESERVATION_MICROS}
   * @param outputMicros 0 to {@link #MAX_RESERVATION_MICROS}, in {@linkplain Generation#inSteps
   *     whole steps}
   * @param context 1 to {@link Generation#MAX_CONTEXT}
   * @param nowNanos the time of the decision
   */
  public boolean enter(int slots, int inputMicros, int outputMicros, int context, long nowNanos) {
    long word = admission;
    while (admits(word, slots)) {
      long seen = (long) ADMISSION.compareAndExchange(this, word, word + ONE + inputMicros);
      if (seen == word) {
        if (inputMicros(word) == 0 && inputMicros != 0) {
          UNANSWERED.setOpaque(this, nowNanos);
        }
        GENERATION.getAndAdd(this, Generation.of(outputMicros, context));
        return true;
      }
      word = seen;
    }
    return false;
  }

  /**
   * Counts a request as decoding. To be called before anybody may take it out with {@link
   * #leaveAfterOutput}.
   */
  public void startDecoding() {
    DECODING.getAndAdd(this, 1L);
  }

  /** Takes {@link #startDecoding} back. */
  public void stopDecoding() {
    DECODING.getAndAdd(this, -1L);
  }

  /**
   * Returns the reserved input, once the first output has arrived.
   *
   * @param enteredNanos when it entered
   */
  public void returnInput(int inputMicros, long enteredNanos, long nowNanos) {
    if (inputMicros != 0) {
      long left = (long) ADMISSION.getAndAdd(this, (long) -inputMicros) - inputMicros;
      answered(inputMicros, inputMicros(left), enteredNanos, nowNanos);
    }
  }

  private void answered(int share, long left, long enteredNanos, long nowNanos) {
    if (left != 0) {
      float until = (float) share / (share + left);
      UNANSWERED.setOpaque(this, enteredNanos + (long) (until * (nowNanos - enteredNanos)));
    }
  }

  /**
   * Since when the oldest unanswered work has been there, by estimate. Of no meaning when no input
   * is reserved.
   */
  public long unansweredSince() {
    return (long) UNANSWERED.get(this);
  }

  /** Returns a part of the reserved output, in {@linkplain Generation#inSteps whole steps}. */
  public void returnOutput(int outputMicros) {
    GENERATION.getAndAdd(this, -Generation.of(outputMicros, 0));
  }

  /**
   * Takes a request out that has not reached its first output.
   *
   * @param enteredNanos when it entered
   * @return whether the endpoint is closed and this was its last request
   */
  public boolean leaveBeforeOutput(
      int inputMicros, int outputMicros, int context, long enteredNanos, long nowNanos) {
    GENERATION.getAndAdd(this, -Generation.of(outputMicros, context));
    long left = leave(ONE + inputMicros);
    if (inputMicros != 0) {
      answered(inputMicros, inputMicros(left), enteredNanos, nowNanos);
    }
    return isClosedAndIdle(left);
  }

  /**
   * Takes a request out that has reached its first output.
   *
   * @param outputMicros what is left of its reserved output
   * @return whether the endpoint is closed and this was its last request
   */
  public boolean leaveAfterOutput(int outputMicros, int context) {
    DECODING.getAndAdd(this, -1L);
    GENERATION.getAndAdd(this, -Generation.of(outputMicros, context));
    return isClosedAndIdle(leave(ONE));
  }

  private long leave(long share) {
    return (long) ADMISSION.getAndAdd(this, -share) - share;
  }

  /**
   * Lets no more requests in.
   *
   * @return whether none is left
   */
  public boolean close() {
    return isClosedAndIdle((long) ADMISSION.getAndBitwiseOr(this, CLOSED) | CLOSED);
  }

  /** Lets requests in again. */
  public void open() {
    ADMISSION.getAndBitwiseAnd(this, ~CLOSED);
  }

  private static boolean isClosedAndIdle(long word) {
    return word < 0 && inFlight(word) == 0;
  }

  /** A reading of the error level, 0 to {@link io.inferencerouter.Candidates#MAX_ERROR_LEVEL}. */
  public double errorLevel(long nowNanos) {
    long word = (long) ERRORS.get(this);
    return word == 0 ? 0 : ErrorLevel.at(word, nowNanos);
  }

  /**
   * Whether {@link #succeeded} would have anything to do; if not, nobody need look at the clock.
   */
  public boolean isErrorLevelRaised() {
    return (long) ERRORS.getOpaque(this) != 0;
  }

  /**
   * Counts a failure.
   *
   * @return how many there were in a row, this one included
   */
  public int failed(long nowNanos) {
    long word;
    do {
      word = errors;
    } while (!ERRORS.compareAndSet(this, word, ErrorLevel.afterFailure(word, nowNanos)));
    long before;
    long after;
    do {
      before = faults;
      long run = Math.min(Integer.MAX_VALUE, (before >>> RUN_SHIFT) + 1);
      after = run << RUN_SHIFT | ((before + 1) & FAULTS_IN_ALL);
    } while (!FAULTS.compareAndSet(this, before, after));
    return (int) (after >>> RUN_SHIFT);
  }

  /** Counts a success after a failure. */
  public void succeeded(long nowNanos) {
    if (failuresInARow() != 0) {
      FAULTS.getAndBitwiseAnd(this, FAULTS_IN_ALL);
    }
    long word;
    do {
      word = errors;
    } while (word != 0
        && !ERRORS.compareAndSet(this, word, ErrorLevel.afterSuccess(word, nowNanos)));
  }

  /** How many failures there were since the last success. */
  public int failuresInARow() {
    return (int) (faults >>> RUN_SHIFT);
  }

  /** How many failures there were, modulo 2^32. */
  public int failures() {
    return (int) faults;
  }

  /** A reading of what has been answered; take it apart with {@link AnswerTally}. */
  public long answersWord() {
    return (long) ANSWERS.getOpaque(this);
  }

  /** Counts an answer. Of two that are counted at the same time one may be lost. */
  public void answered() {
    ANSWERS.setOpaque(this, AnswerTally.answered(answersWord()));
  }

  /** Notes that something took so many times as long as predicted. */
  public void paced(double actualSeconds, double predictedSeconds) {
    if (predictedSeconds > 0) {
      float ratio = (float) (actualSeconds / predictedSeconds);
      ANSWERS.setOpaque(this, AnswerTally.paced(answersWord(), ratio));
    }
  }

  /**
   * The peak EWMA of the latency, in seconds; 0 before the first. It fades while nothing is in
   * flight.
   */
  public double latencySeconds(long nowNanos) {
    long word = (long) LATENCY.get(this);
    return inFlight(admissionWord()) == 0
        ? PeakEwma.fadedSeconds(word, nowNanos)
        : PeakEwma.seconds(word);
  }

  /**
   * Counts the latency of a success. Of two that are counted at the same time one may be lost; the
   * next makes up for it, and nobody has to wait or try again.
   */
  public void answeredAfter(long latencyNanos, long nowNanos) {
    long word = (long) LATENCY.getOpaque(this);
    LATENCY.setOpaque(this, PeakEwma.after(word, latencyNanos, nowNanos));
  }

  /** Whether the endpoint has answered a request since it joined or came back. */
  public boolean isWarm() {
    return (long) WARM.getOpaque(this) != COLD;
  }

  /**
   * Notes that the endpoint has answered a request.
   *
   * @return whether this was the first
   */
  public boolean warmedUp() {
    return !isWarm() && WARM.compareAndSet(this, COLD, ANSWERED);
  }

  /**
   * Makes the endpoint prove itself again; how long it took before, and how it failed, is
   * forgotten: if it is not better now, the next requests will tell.
   */
  public void cool() {
    warm = COLD;
    errors = 0;
    FAULTS.getAndBitwiseAnd(this, FAULTS_IN_ALL);
    ANSWERS.setOpaque(this, AnswerTally.forgotten(answersWord()));
    latency = PeakEwma.UNKNOWN;
  }

  /**
   * Notes that what was asked of it before says nothing of how it is: it is ejected, or begins
   * anew.
   */
  public void disregardBefore(long nowNanos) {
    currentSince = nowNanos == NEVER ? NEVER - 1 : nowNanos;
  }

  /** Whether what has become of a request says how the endpoint is now. */
  public boolean isCurrent(long acquiredNanos) {
    long since = currentSince;
    return since == NEVER || acquiredNanos - since >= 0;
  }
}
