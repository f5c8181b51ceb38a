package io.inferencerouter.grpc.internal.concurrent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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
  private static final VarHandle OPEN;
  private static final VarHandle WAITING;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      OPEN = lookup.findVarHandle(Steps.class, "open", int.class);
      WAITING = lookup.findVarHandle(Steps.class, "waiting", Queue.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Steps that have come and are not done. Whoever raises it from 0 does the work. */
  private volatile int open;

  /** Made when the first step has to wait. */
  private volatile @Nullable Queue<Runnable> waiting;

  /** Runs the step, now or as soon as those before it are done. */
  public void run(Runnable step) {
    RuntimeException failure;
    if (enter()) {
      failure = attempt(step, null);
    } else {
      queue().add(step);
      if ((int) OPEN.getAndAdd(this, 1) != 0) {
        return;
      }
      failure = attempt(next(), null);
    }
    leave(failure);
  }

  /**
   * Begins a step, if nobody is at work; whoever does has to {@link #leave} afterwards. For those
   * who need no object of a step that is done at once.
   */
  public boolean enter() {
    return open == 0 && OPEN.compareAndSet(this, 0, 1);
  }

  /** Ends a step that was {@linkplain #enter begun}, and does those that have come meanwhile. */
  public void leave() {
    leave(null);
  }

  private void leave(@Nullable RuntimeException before) {
    RuntimeException failure = before;
    while ((int) OPEN.getAndAdd(this, -1) != 1) {
      failure = attempt(next(), failure);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private Queue<Runnable> queue() {
    Queue<Runnable> known = waiting;
    if (known != null) {
      return known;
    }
    Queue<Runnable> fresh = new ConcurrentLinkedQueue<>();
    Object raced = WAITING.compareAndExchange(this, null, fresh);
    return raced == null ? fresh : queue();
  }

  private Runnable next() {
    Runnable next = queue().poll();
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
