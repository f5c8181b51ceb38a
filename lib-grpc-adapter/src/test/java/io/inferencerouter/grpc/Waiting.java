package io.inferencerouter.grpc;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waiting for what must happen, with a limit that only a defect reaches, however slow it is. */
final class Waiting {
  static final long LIMIT_SECONDS = 100;

  private Waiting() {}

  static <T> T take(BlockingQueue<T> queue, String what) throws InterruptedException {
    T item = queue.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    if (item == null) {
      throw new AssertionError("waited in vain for " + what);
    }
    return item;
  }

  /** Waits for a condition that another thread is just about to bring about. */
  @SuppressWarnings("ThreadPriorityCheck") // where there is little time, others need it more
  static void until(BooleanSupplier condition, String what) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
        throw new AssertionError("waited in vain for " + what);
      }
      Thread.yield();
    }
  }

  static void await(CountDownLatch latch, String what) throws InterruptedException {
    if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("waited in vain for " + what);
    }
  }
}
