package io.inferencerouter.core.internal.router;

import io.inferencerouter.AttemptStalled;
import io.inferencerouter.EjectionWithheld;
import io.inferencerouter.EndpointChanged;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.EndpointReturned;
import io.inferencerouter.FaultIsolated.Component;
import io.inferencerouter.LeaseReclaimed;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.internal.health.HealthObserver;
import io.inferencerouter.core.internal.membership.MembershipObserver;
import io.inferencerouter.core.internal.state.EndpointState;
import io.inferencerouter.core.internal.watch.WatchObserver;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Passes on what happens beside the path of requests: to listeners, and to who waits for it. */
final class Announcements implements MembershipObserver, HealthObserver, WatchObserver {
  private final Events events;
  private final Executor executor;
  private final BiConsumer<EndpointState, Revocation> withdrawal;

  /**
   * Creates it.
   *
   * @param withdrawal takes back what is on an endpoint
   */
  Announcements(
      Events events, Executor executor, BiConsumer<EndpointState, Revocation> withdrawal) {
    this.events = events;
    this.executor = executor;
    this.withdrawal = withdrawal;
  }

  /** Runs a task on the executor; if that takes none, here. */
  void run(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      taskRejected(e);
      task.run();
    }
  }

  /** Runs what is to be done when an attempt is taken back. */
  void deliver(Consumer<Revocation> action, Revocation why) {
    run(
        () -> {
          try {
            action.accept(why);
          } catch (Throwable thrown) {
            events.faultIsolated(Component.REVOCATION, "what is to be done when " + why, thrown);
          }
        });
  }

  @Override
  public void taskRejected(RejectedExecutionException failure) {
    events.faultIsolated(Component.EXECUTOR, "the executor or scheduler refused a task", failure);
  }

  @Override
  public void changed(EndpointChanged event) {
    events.emit(listener -> listener.endpointChanged(event));
  }

  @Override
  public void ejected(EndpointEjected event) {
    events.emit(listener -> listener.endpointEjected(event));
  }

  @Override
  public void withdrawn(EndpointState state, Revocation why) {
    withdrawal.accept(state, why);
  }

  @Override
  public void returned(EndpointReturned event) {
    events.emit(listener -> listener.endpointReturned(event));
  }

  @Override
  public void drained(CompletableFuture<@Nullable Void> drained, boolean removed) {
    run(
        removed
            ? () -> drained.complete(null)
            : () ->
                drained.completeExceptionally(
                    new CancellationException("drain: ended (the endpoint was added again)")));
  }

  @Override
  public void withheld(EjectionWithheld event) {
    events.emit(listener -> listener.ejectionWithheld(event));
  }

  @Override
  public void probeFailed(Throwable thrown) {
    events.faultIsolated(Component.PROBE, "a probe threw", thrown);
  }

  @Override
  public void stalled(AttemptStalled event) {
    events.emit(listener -> listener.attemptStalled(event));
  }

  @Override
  public void reclaimed(LeaseReclaimed event) {
    events.emit(listener -> listener.leaseReclaimed(event));
  }
}
