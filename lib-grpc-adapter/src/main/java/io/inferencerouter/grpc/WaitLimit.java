package io.inferencerouter.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.Status;
import io.inferencerouter.core.Scheduler;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What ends the wait of a call from outside: its deadline, and its context. Once a call is sent,
 * the endpoint's call looks after both. Started and ended by steps.
 */
final class WaitLimit implements Context.CancellationListener {
  private final Context context;
  private final @Nullable Deadline deadline;
  private final Timers timers;
  private final Consumer<Status> over;
  private Scheduler.@Nullable Cancellation timer;

  /**
   * Creates a limit that does not hold yet.
   *
   * @param over hears that the wait is over, by any thread
   */
  WaitLimit(Context context, @Nullable Deadline deadline, Timers timers, Consumer<Status> over) {
    this.context = context;
    this.deadline = deadline;
    this.timers = timers;
    this.over = over;
  }

  void start() {
    context.addListener(this, Runnable::run);
    if (deadline != null) {
      timer =
          timers.schedule(
              deadline.timeRemaining(TimeUnit.NANOSECONDS),
              () -> over.accept(Status.DEADLINE_EXCEEDED));
    }
  }

  @Override
  public void cancelled(Context of) {
    over.accept(Contexts.statusFromCancelled(of));
  }

  void end() {
    context.removeListener(this);
    if (timer != null) {
      timer.cancel();
    }
  }
}
