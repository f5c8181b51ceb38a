package io.inferencerouter.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.Status;
import io.inferencerouter.core.Scheduler;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What ends the wait of a call from outside: its deadline, and its context. Once a call is sent,
 * the endpoint's call looks after both. Started and ended by steps.
 */
final class WaitLimit implements Context.CancellationListener {
  /** Whose wait it is. */
  interface Waiter {
    /** The wait is over; by any thread. */
    void reached(WaitLimit limit, Status status);
  }

  private final Context context;
  private final @Nullable Deadline deadline;
  private final Timers timers;
  private final Waiter waiter;
  private Scheduler.@Nullable Cancellation timer;

  /** Creates a limit that does not hold yet. */
  WaitLimit(Context context, @Nullable Deadline deadline, Timers timers, Waiter waiter) {
    this.context = context;
    this.deadline = deadline;
    this.timers = timers;
    this.waiter = waiter;
  }

  /** Whether anything can end a wait from outside; the root of all contexts never does. */
  @SuppressWarnings("ReferenceEquality") // there is one root
  static boolean mayBeReached(Context context, @Nullable Deadline deadline) {
    return deadline != null || context != Context.ROOT;
  }

  void start() {
    context.addListener(this, Runnable::run);
    if (deadline != null) {
      timer =
          timers.schedule(
              deadline.timeRemaining(TimeUnit.NANOSECONDS),
              () -> waiter.reached(this, Status.DEADLINE_EXCEEDED));
    }
  }

  @Override
  public void cancelled(Context of) {
    waiter.reached(this, Contexts.statusFromCancelled(of));
  }

  void end() {
    context.removeListener(this);
    if (timer != null) {
      timer.cancel();
    }
  }
}
