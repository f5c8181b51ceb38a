package io.inferencerouter.okhttp;

import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a call: the lease, and the call of the client that uses it. However many ends the
 * attempt comes to, the first one completes the lease and the others change nothing.
 *
 * <p>Safe for use by many threads.
 */
final class RoutedAttempt {
  private final Lease lease;
  private volatile @Nullable Call call;
  private volatile boolean canceled;

  RoutedAttempt(Lease lease) {
    this.lease = lease;
  }

  Lease lease() {
    return lease;
  }

  /** Binds the call that is about to be executed. */
  void use(Call real) {
    call = real;
    if (canceled) {
      real.cancel();
    }
  }

  /** Ends the attempt because the caller wants it to end. */
  void cancel() {
    canceled = true;
    lease.complete(Outcome.cancelled());
    Call real = call;
    if (real != null) {
      real.cancel();
    }
  }

  /** Ends the attempt because there is nobody who reads on. */
  void abandon() {
    lease.complete(Outcome.cancelled());
  }

  void succeed(Usage usage) {
    lease.complete(usage.isKnown() ? Outcome.success().withUsage(usage) : Outcome.success());
  }

  void fail(Throwable failure) {
    lease.complete(Outcomes.ofFailure(failure, isCanceled()));
  }

  boolean isCanceled() {
    Call real = call;
    return canceled || (real != null && real.isCanceled());
  }

  void end(Outcome outcome) {
    lease.complete(outcome);
  }
}
