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
  private static final VarHandle AT_WORK;
  private static final VarHandle WAITING;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      AT_WORK = lookup.findVarHandle(Steps.class, "atWork", boolean.class);
      WAITING = lookup.findVarHandle(Steps.class, "waiting", Queue.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile boolean atWork;

  /** Made when the first step has to wait. */
  private volatile @Nullable Queue<Runnable> waiting;

  /** What steps have thrown. Belongs to whoever is at work. */
  private @Nullable RuntimeException failure;

  /** Runs the step, now or as soon as those before it are done. */
  public void run(Runnable step) {
    if (enter()) {
      attempt(step);
      leave();
      return;
    }
    queue().add(step);
    // Whoever was at work may have looked for the last time before the step was there
    if (enter()) {
      leave();
    }
  }

  /**
   * Begins a step, if nobody is at work; whoever does has to {@link #leave} afterwards. For those
   * who need no object of a step that is done at once.
   *
   * <p>A step that waits although nobody is at work is done here: it may be an earlier one of the
   * thread that enters.
   */
  public boolean enter() {
    if (atWork || !AT_WORK.compareAndSet(this, false, true)) {
      return false;
    }
    doWaiting();
    return true;
  }

  /** Ends a step that was {@linkplain #enter begun}, and does those that have come meanwhile. */
  public void leave() {
    RuntimeException thrown = null;
    do {
      failure = join(thrown, failure);
      doWaiting();
      thrown = failure;
      failure = null;
      // Volatile, as is the queue: either this thread sees a step that comes now, or it sees this
      atWork = false;
    } while (someWait() && AT_WORK.compareAndSet(this, false, true));
    if (thrown != null) {
      throw thrown;
    }
  }

  private boolean someWait() {
    Queue<Runnable> known = waiting;
    return known != null && !known.isEmpty();
  }

  private void doWaiting() {
    Queue<Runnable> known = waiting;
    if (known == null) {
      return;
    }
    for (Runnable next = known.poll(); next != null; next = known.poll()) {
      attempt(next);
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

  private void attempt(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      failure = join(failure, e);
    } catch (Error e) {
      failure = join(failure, new IllegalStateException("step: failed", e));
    }
  }

  private static @Nullable RuntimeException join(
      @Nullable RuntimeException first, @Nullable RuntimeException second) {
    if (first == null) {
      return second;
    }
    if (second != null && second != first) {
      first.addSuppressed(second);
    }
    return first;
  }
}
