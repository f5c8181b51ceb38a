package io.inferencerouter.core.internal.execution;

import io.inferencerouter.Lease;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that has not failed leaves its endpoint, with a place elsewhere: of several that are
 * asked to at the same moment, each has its own, or stays.
 *
 * @param from the lease that is given up
 * @param to the lease of the attempt that follows; to come, if it is waited for in the queue
 */
record Departure(Lease from, CompletableFuture<Lease> to) {
  @SuppressWarnings("ReferenceEquality") // this very attempt
  boolean isFrom(Lease lease) {
    return from == lease;
  }

  /** The lease of the attempt that follows, if it is there; if not, it does not come any more. */
  @Nullable Lease leaseNow() {
    return to.cancel(false) || to.isCompletedExceptionally() ? null : to.join();
  }

  /** Gives the place back. */
  void cancel() {
    Lease lease = leaseNow();
    if (lease != null) {
      lease.close();
    }
  }
}
