package io.inferencerouter.core.testing;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waiting for what must happen, with a limit that only a defect reaches, however slow it is. */
public final class Waiting {
  /** The limit. */
  public static final long LIMIT_SECONDS = 100;

  private Waiting() {}

  /** Waits for the next item of a queue. */
  public static <T> T take(BlockingQueue<T> queue, String what) throws InterruptedException {
    T item = queue.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    if (item == null) {
      throw new AssertionError("waited in vain for " + what);
    }
    return item;
  }

  /** Waits for a condition that another thread is just about to bring about. */
  @SuppressWarnings("ThreadPriorityCheck") // where there is little time, others need it more
  public static void until(BooleanSupplier condition, String what) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)
          || Thread.currentThread().isInterrupted()) {
        throw new AssertionError("waited in vain for " + what);
      }
      Thread.yield();
    }
  }

  /** Waits for a latch to open. */
  public static void await(CountDownLatch latch, String what) throws InterruptedException {
    if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("waited in vain for " + what);
    }
  }
}
