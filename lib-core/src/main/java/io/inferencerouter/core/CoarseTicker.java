package io.inferencerouter.core;

import io.inferencerouter.Ticker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/**
 * A clock that is read at the price of a memory access: a thread of its own reads another clock at
 * fixed intervals and leaves the reading for all to see.
 *
 * <p>It lags behind by up to an interval, and by as much more as the thread is kept from running.
 * Decisions of the router do not suffer from a lag of a millisecond; measured latencies do, so use
 * it where latencies are long.
 *
 * <p>One coarse ticker may serve many routers. Whoever made it closes it; afterwards it stands
 * still. Its thread is a daemon named {@value #THREAD_NAME}.
 */
public final class CoarseTicker implements Ticker, AutoCloseable {
  /** The name of the thread. */
  public static final String THREAD_NAME = "inference-router-ticker";

  /** The default interval, in milliseconds. */
  public static final int DEFAULT_INTERVAL_MILLIS = 1;

  private static final VarHandle NOW;

  static {
    try {
      NOW = MethodHandles.lookup().findVarHandle(CoarseTicker.class, "now", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Ticker source;
  private final long intervalNanos;
  private final Thread thread;
  private volatile boolean closed;

  // Opaque access: readings need to be recent and to go forward, which coherence of one variable
  // gives; they order nothing.
  @SuppressWarnings("unused")
  private long now;

  private CoarseTicker(Ticker source, Duration interval) {
    this.source = source;
    this.intervalNanos = interval.toNanos();
    this.now = source.nanos();
    this.thread = new Thread(this::tick, THREAD_NAME);
    thread.setDaemon(true);
  }

  /** Starts a ticker that reads the system clock every {@value #DEFAULT_INTERVAL_MILLIS} ms. */
  public static CoarseTicker start() {
    return start(Ticker.system(), Duration.ofMillis(DEFAULT_INTERVAL_MILLIS));
  }

  /**
   * Starts a ticker.
   *
   * @param source the clock to read
   * @param interval 0.1 ms to 1 s
   */
  public static CoarseTicker start(Ticker source, Duration interval) {
    Objects.requireNonNull(source, "source");
    if (interval.toNanos() < 100_000 || interval.compareTo(Duration.ofSeconds(1)) > 0) {
      throw new IllegalArgumentException(
          "interval: " + interval + " (expected: PT0.0001S to PT1S)");
    }
    CoarseTicker ticker = new CoarseTicker(source, interval);
    ticker.thread.start();
    return ticker;
  }

  private void tick() {
    while (!closed) {
      NOW.setOpaque(this, source.nanos());
      LockSupport.parkNanos(this, intervalNanos);
    }
  }

  @Override
  public long nanos() {
    return (long) NOW.getOpaque(this);
  }

  /** Ends the thread. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
