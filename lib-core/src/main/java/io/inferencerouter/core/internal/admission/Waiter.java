package io.inferencerouter.core.internal.admission;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.core.Scheduler.Cancellation;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A request that waits, and the future that its caller holds. Ordered by tier, then by arrival. */
final class Waiter extends CompletableFuture<Lease> implements Comparable<Waiter> {
  final InferenceRequest request;
  final Set<String> tried;
  final WaitQueue.Entrance entrance;
  final long sequence;
  final Executor executor;
  private volatile @Nullable Cancellation timeout;
  private volatile boolean left;

  Waiter(
      InferenceRequest request,
      Set<String> tried,
      WaitQueue.Entrance entrance,
      long sequence,
      Executor executor) {
    this.request = request;
    this.tried = tried;
    this.entrance = entrance;
    this.sequence = sequence;
    this.executor = executor;
  }

  /** Keeps what takes the time-out back. */
  void timeout(Cancellation cancellation) {
    timeout = cancellation;
    if (left) {
      cancellation.cancel();
    }
  }

  /** The waiter has left the queue: its time-out is of no use any more. */
  void left() {
    left = true;
    Cancellation cancellation = timeout;
    if (cancellation != null) {
      cancellation.cancel();
    }
  }

  @Override
  public int compareTo(Waiter other) {
    int byTier = request.priority().compareTo(other.request.priority());
    return byTier != 0 ? byTier : Long.compare(sequence, other.sequence);
  }

  /** Waiters are told apart by who they are; the sequence makes the order agree with that. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  /** Stages that depend on this one are plain futures. */
  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new CompletableFuture<>();
  }
}
