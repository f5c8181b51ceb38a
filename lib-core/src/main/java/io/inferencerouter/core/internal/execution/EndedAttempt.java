package io.inferencerouter.core.internal.execution;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.Revocation;
import java.time.Duration;

/**
 * An attempt that has not succeeded: where it was made, what it has come to, and how the listeners
 * are told what follows.
 *
 * @param number of the attempt, from 1
 */
record EndedAttempt(InferenceRequest request, Lease lease, Outcome outcome, int number) {
  /**
   * Ends an attempt. Its outcome is what the lease was told first, and what was not said then of
   * how far the attempt came.
   */
  static EndedAttempt of(InferenceRequest request, Lease lease, Outcome outcome, int number) {
    lease.complete(outcome);
    Outcome first =
        lease instanceof AttemptedLease attempted ? attempted.outcome().orElse(outcome) : outcome;
    Outcome stated =
        first.progress().isEmpty() && outcome.progress().isPresent()
            ? first.withProgress(outcome.progress().get())
            : first;
    return new EndedAttempt(request, lease, stated, number);
  }

  boolean isFault() {
    return outcome.kind().isFault();
  }

  /** Whether it was refused for reasons of quota. */
  boolean isLimited() {
    return outcome.kind() == Outcome.Kind.RATE_LIMITED;
  }

  /** Whether the same request may be sent again. */
  boolean isSafeToRepeat() {
    return switch (outcome.progress().orElse(Outcome.Progress.SENT)) {
      case NOTHING_SENT -> true;
      case SENT -> request.idempotent() || request.replayable();
      case RECEIVED -> false;
    };
  }

  /** Those that were tried, with its endpoint. */
  Tried addedTo(Tried tried, long nowNanos) {
    long rest = outcome.retryAfter().map(Duration::toNanos).orElse(0L);
    return tried.with(lease.endpoint().id(), nowNanos + rest);
  }

  /**
   * There will be another attempt.
   *
   * @param revoked whether it follows from a revocation, if there was one
   */
  AttemptRetried retried(Duration backoff, double budgetLeft, boolean revoked) {
    Revocation revocation =
        revoked && lease instanceof AttemptedLease taken ? taken.revocation().orElse(null) : null;
    return new AttemptRetried(
        request, lease.endpoint(), outcome, number, backoff, budgetLeft, revocation);
  }

  /** There will be no other attempt. */
  RetryRefused refused(RetryRefused.Reason reason) {
    return new RetryRefused(request, lease.endpoint(), outcome, number, reason);
  }
}
