package io.inferencerouter.core.internal.concurrent;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs a task for many threads, by one at a time, without any of them waiting.
 *
 * <p>A thread that asks for a run while another is in it leaves the request behind, and the other
 * runs once more before it goes. So after {@link #run} returns, a run that began after the call has
 * happened or will happen, and everything written before the call is visible to it.
 */
public final class SerialLoop {
  private final AtomicInteger requests = new AtomicInteger();
  private final Runnable task;

  /**
   * Creates the loop.
   *
   * @param task what it throws ends neither the loop nor the runs that others have asked for; the
   *     first of it is thrown to the thread that was in the loop
   */
  public SerialLoop(Runnable task) {
    this.task = task;
  }

  /** Runs the task, or makes sure that the thread which is in it runs it again. */
  public void run() {
    if (requests.getAndIncrement() != 0) {
      return;
    }
    Throwable failure = null;
    int seen = 1;
    do {
      try {
        task.run();
      } catch (Throwable thrown) {
        failure = failure == null ? thrown : failure;
      } finally {
        seen = requests.addAndGet(-seen);
      }
    } while (seen != 0);
    if (failure != null) {
      SerialLoop.<RuntimeException>rethrow(failure);
    }
  }

  /** Throws what a task has thrown, as it is. */
  @SuppressWarnings("unchecked")
  private static <X extends Throwable> void rethrow(Throwable failure) throws X {
    throw (X) failure;
  }
}
