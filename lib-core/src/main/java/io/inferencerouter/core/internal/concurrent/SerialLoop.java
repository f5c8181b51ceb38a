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
   * @param task must not throw
   */
  public SerialLoop(Runnable task) {
    this.task = task;
  }

  /** Runs the task, or makes sure that the thread which is in it runs it again. */
  public void run() {
    if (requests.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      task.run();
      seen = requests.addAndGet(-seen);
    } while (seen != 0);
  }
}
