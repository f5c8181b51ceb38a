package io.inferencerouter.grpc;

import io.inferencerouter.Ticker;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many streams the connection to an endpoint has: as many as were declared, or as many as were
 * found to be the peer's limit.
 *
 * <p>A stream that has been created on a ready connection, and whose headers do not get out, waits
 * for another one to end, or else the connection, or this machine, is only slow. If others are
 * open, and it has not got out after several looks, those that are open are taken for all that the
 * peer allows. Time is counted in looks, so that a pause of the whole process, however long it is,
 * counts as one. If those that waited then get out without an open one having ended, or so that
 * more are open than that, it was wrong. Otherwise it holds until there is a new connection, and is
 * tried again, a little above, from time to time: whether or not a stream ends, for those that are
 * open may be so for hours.
 *
 * <p>Safe for use by many threads; {@link #look} and {@link #tellStuck} are for one at a time.
 */
final class StreamLimit {
  /** A stream that has waited for so many looks waits for another one to end. */
  static final int PATIENCE_LOOKS = 5;

  /** At most so many streams that wait are told at a time. */
  private static final int MAX_TOLD = 64;

  /** After so long, a limit that was found may be tried again. */
  private static final long TRIAL_NANOS = 1_000_000_000;

  /** A stream that has been created and whose headers are not out. */
  interface Waiter {
    /** How many looks there had been when it was created. */
    int sinceLook();

    /** It waits for another stream to end; told once and again. */
    void stuck();
  }

  private final int declared;
  private final Ticker ticker;

  /** Those that wait, in order. */
  private final Queue<Waiter> queue = new ConcurrentLinkedQueue<>();

  private final AtomicInteger queued = new AtomicInteger();

  /** Streams whose headers are out, and that have not ended. */
  private final AtomicInteger open = new AtomicInteger();

  // Racy by design: any value written is a true one, and the next event writes again.
  private volatile int streams;
  private volatile long foundNanos;
  private volatile boolean endedSinceFound;
  private volatile @Nullable Object connection;

  /** How many looks there were; written by the one that looks. */
  private volatile int looks;

  /** The most streams seen open while others waited; of the one that looks. */
  private int mostOpen;

  StreamLimit(int declared, Ticker ticker) {
    this.declared = declared;
    this.ticker = ticker;
    this.streams = declared;
  }

  /** How many streams there are. */
  int streams() {
    return streams;
  }

  /** How many streams have been created and have not got their headers out. */
  int queued() {
    return queued.get();
  }

  /** Whether a stream may have to wait for another one, so that somebody should look. */
  boolean mayHaveToWait() {
    return queued.get() > 0 && open.get() > 0;
  }

  /** How many looks there were. */
  int looks() {
    return looks;
  }

  /** A stream was created on a ready connection, told from others by an object of its own. */
  void created(Object on, Waiter waiter) {
    if (connection != on) {
      connection = on;
      streams = declared;
    }
    queued.incrementAndGet();
    queue.add(waiter);
  }

  /**
   * A stream has got its headers out.
   *
   * @return whether there turn out to be more streams than was thought
   */
  boolean headersOut(Waiter waiter) {
    int nowOpen = open.incrementAndGet();
    leftQueue(waiter);
    if (streams < declared && isRefuted(nowOpen)) {
      streams = declared;
      return true;
    }
    return false;
  }

  /** Whether all that waited have got out, and that shows that there is no such limit. */
  private boolean isRefuted(int nowOpen) {
    return queued.get() == 0 && (!endedSinceFound || nowOpen > streams);
  }

  /** A stream has ended without its headers having got out. */
  void leftQueue(Waiter waiter) {
    queue.remove(waiter);
    queued.decrementAndGet();
  }

  /** A stream has ended whose headers had got out. */
  void ended() {
    open.decrementAndGet();
    if (streams < declared) {
      endedSinceFound = true;
      tryMore();
    }
  }

  private void tryMore() {
    if (queued.get() == 0 && ticker.nanos() - foundNanos > TRIAL_NANOS) {
      foundNanos = ticker.nanos();
      streams = Math.min(declared, streams + 1 + streams / 4);
    }
  }

  /**
   * Looks whether a stream waits for others to end, which would show how many there are.
   *
   * @return whether one does
   */
  boolean look() {
    int now = looks + 1;
    looks = now;
    if (queued.get() == 0) {
      mostOpen = 0;
      if (streams < declared) {
        tryMore();
      }
      return false;
    }
    mostOpen = Math.max(mostOpen, open.get());
    Waiter first = queue.peek();
    if (first == null || mostOpen == 0 || !isStuck(first)) {
      return false;
    }
    if (mostOpen < streams) {
      endedSinceFound = false;
      foundNanos = ticker.nanos();
      streams = mostOpen;
      // The last that waited may have got out before it could see that there is a limit. Either it
      // sees it, or it is seen here that nobody waits.
      if (isRefuted(open.get())) {
        streams = declared;
        return false;
      }
    }
    return true;
  }

  private boolean isStuck(Waiter waiter) {
    return looks - waiter.sinceLook() >= PATIENCE_LOOKS;
  }

  /** Tells those that have waited too long, the first ones first. */
  void tellStuck() {
    int told = 0;
    for (Waiter waiter : queue) {
      if (told++ == MAX_TOLD || !isStuck(waiter)) {
        return;
      }
      waiter.stuck();
    }
  }
}
