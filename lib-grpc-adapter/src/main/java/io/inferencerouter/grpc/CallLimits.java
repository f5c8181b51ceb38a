package io.inferencerouter.grpc;

import io.grpc.Deadline;
import io.inferencerouter.InferenceRequest;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What bounds a call, in time and in number. */
final class CallLimits {
  /** How many things a caller has sent are kept for another attempt. */
  static final int MAX_KEPT = 1024;

  /** Kept messages below this size, in bytes, may stay until the call is forgotten. */
  static final int WORTH_LETTING_GO = 4096;

  private static final Duration LONGEST_DEADLINE = Duration.ofDays(365);

  private CallLimits() {}

  /** The earlier of two deadlines. */
  static @Nullable Deadline earlier(@Nullable Deadline one, @Nullable Deadline other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    // Not minimum(): the two may have different tickers, which that refuses.
    return one.timeRemaining(TimeUnit.NANOSECONDS) <= other.timeRemaining(TimeUnit.NANOSECONDS)
        ? one
        : other;
  }

  /** The request with what is left of the time, unless it has less itself. */
  static InferenceRequest within(InferenceRequest request, Deadline deadline) {
    Duration left = Duration.ofNanos(Math.max(1, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    Duration stated = request.deadline().orElse(LONGEST_DEADLINE);
    return left.compareTo(stated) < 0 ? request.toBuilder().deadline(left).build() : request;
  }

  /** Whether it does no harm if a request is begun twice. */
  static boolean isHarmlessTwice(InferenceRequest request) {
    return request.replayable() || request.idempotent();
  }
}
