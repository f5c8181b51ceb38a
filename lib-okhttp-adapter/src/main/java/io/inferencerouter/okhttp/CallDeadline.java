package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRequest;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Until when a call may last, on {@link System#nanoTime}; or that it may last forever. Immutable.
 */
final class CallDeadline {
  private final boolean limited;
  private final long nanoTime;

  private CallDeadline(boolean limited, long nanoTime) {
    this.limited = limited;
    this.nanoTime = nanoTime;
  }

  /** The earlier one of what a time-out allows, counted from now, and its deadline. */
  static CallDeadline of(Timeout timeout) {
    long allowed = timeout.timeoutNanos();
    if (allowed == 0) {
      return timeout.hasDeadline()
          ? new CallDeadline(true, timeout.deadlineNanoTime())
          : new CallDeadline(false, 0);
    }
    long now = System.nanoTime();
    long left = timeout.hasDeadline() ? timeout.deadlineNanoTime() - now : Long.MAX_VALUE;
    return new CallDeadline(true, now + Math.min(allowed, left));
  }

  /** The deadline of something that may take some time, counted from now; 0 is without limit. */
  static CallDeadline afterMillis(long millis) {
    return of(new Timeout().timeout(millis, TimeUnit.MILLISECONDS));
  }

  /** Sets a time-out to end then. */
  void applyTo(Timeout timeout) {
    timeout.timeout(0, TimeUnit.NANOSECONDS);
    if (limited) {
      timeout.deadlineNanoTime(nanoTime);
    }
  }

  /** The request, with a deadline that is not after this one. */
  InferenceRequest limit(InferenceRequest request) {
    if (!limited) {
      return request;
    }
    Duration left = Duration.ofNanos(leftNanos());
    Optional<Duration> own = request.deadline();
    return own.isPresent() && own.get().compareTo(left) <= 0
        ? request
        : request.toBuilder().deadline(left).build();
  }

  /** What is left, in whole milliseconds and at least 1; 0 when there is no limit. */
  long leftMillis() {
    return limited ? Math.max(1, TimeUnit.NANOSECONDS.toMillis(leftNanos())) : 0;
  }

  boolean hasPassed() {
    return limited && System.nanoTime() - nanoTime >= 0;
  }

  private long leftNanos() {
    return Math.max(1, nanoTime - System.nanoTime());
  }

  /** How a call fails that has taken too long. */
  static InterruptedIOException timeout(@Nullable Throwable cause) {
    InterruptedIOException timeout = new InterruptedIOException("timeout");
    timeout.initCause(cause);
    return timeout;
  }
}
