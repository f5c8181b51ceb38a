package io.inferencerouter.grpc.internal.concurrent;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs steps one after another, in the order in which they come, on the threads that bring them.
 *
 * <p>Whoever finds nobody at work does the work, and that of all who come meanwhile; whoever finds
 * somebody at work leaves the step there and goes. So a step never waits, also not when it is
 * brought by another step, and what one step has written the next one sees. Steps of one thread
 * keep their order. What a step throws reaches the thread at work, after all other steps are done.
 */
public final class Steps {
  /** Steps that have come and are not done. Whoever raises it from 0 does the work. */
  private final AtomicInteger open = new AtomicInteger();

  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  /** Runs the step, now or as soon as those before it are done. */
  public void run(Runnable step) {
    RuntimeException failure = null;
    if (open.compareAndSet(0, 1)) {
      failure = attempt(step, null);
    } else {
      waiting.add(step);
      if (open.getAndIncrement() != 0) {
        return;
      }
      failure = attempt(next(), null);
    }
    while (open.decrementAndGet() != 0) {
      failure = attempt(next(), failure);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private Runnable next() {
    Runnable next = waiting.poll();
    if (next == null) {
      throw new IllegalStateException("steps: none waits (expected: as many as are counted)");
    }
    return next;
  }

  private static @Nullable RuntimeException attempt(
      Runnable step, @Nullable RuntimeException before) {
    try {
      step.run();
      return before;
    } catch (RuntimeException e) {
      if (before == null) {
        return e;
      }
      before.addSuppressed(e);
      return before;
    } catch (Error e) {
      RuntimeException wrapped = new IllegalStateException("step: failed", e);
      return before == null ? wrapped : before;
    }
  }
}
