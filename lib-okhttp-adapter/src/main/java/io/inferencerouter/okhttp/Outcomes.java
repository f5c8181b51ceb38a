package io.inferencerouter.okhttp;

import io.inferencerouter.Outcome;
import io.inferencerouter.okhttp.internal.rewrite.RewriteException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** What statuses and exceptions of HTTP, and close codes of web sockets, stand for. */
final class Outcomes {
  private static final Duration LONGEST_WAIT = Duration.ofDays(365);

  private static final int NORMAL_CLOSURE = 1000;
  static final int GOING_AWAY = 1001;
  private static final int NO_STATUS = 1005;
  private static final int INTERNAL_ERROR = 1011;
  private static final int SERVICE_RESTART = 1012;
  private static final int TRY_AGAIN_LATER = 1013;
  private static final int BAD_GATEWAY = 1014;
  private static final int TIMEOUT = 3008;

  private Outcomes() {}

  /**
   * The outcome of a response with a status outside of 200 to 299. One that switches protocols is a
   * success; what is said in that protocol does not show here.
   */
  static Outcome ofStatus(Response response, Clock clock) {
    int status = response.code();
    if (status == 101) {
      return Outcome.success();
    }
    Duration wait = status == 429 || status == 503 ? retryAfter(response, clock) : null;
    Outcome outcome = ofStatus(status);
    return wait == null ? outcome : outcome.withRetryAfter(wait);
  }

  private static Outcome ofStatus(int status) {
    if (status == 429) {
      return Outcome.rateLimited();
    }
    if (status == 408 || status == 504) {
      return Outcome.timeout();
    }
    return status >= 500 ? Outcome.serverFault() : Outcome.rejected();
  }

  /** The header {@code Retry-After} (RFC 9110, section 10.2.3): seconds, or a date. */
  private static @Nullable Duration retryAfter(Response response, Clock clock) {
    String value = response.header("Retry-After");
    if (value == null) {
      return null;
    }
    String text = value.trim();
    if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return text.length() > 9 ? LONGEST_WAIT : within(Duration.ofSeconds(Long.parseLong(text)));
    }
    Date date = response.headers().getDate("Retry-After");
    return date == null ? null : within(Duration.between(clock.instant(), date.toInstant()));
  }

  private static Duration within(Duration wait) {
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  /**
   * The outcome of a web socket that the endpoint closed, by the code it gave (RFC 6455, section
   * 7.4, and the registry of the IANA). Codes for private use count against nobody.
   */
  static Outcome ofClose(int code) {
    return switch (code) {
      case NORMAL_CLOSURE, GOING_AWAY, NO_STATUS -> Outcome.success();
      case INTERNAL_ERROR, SERVICE_RESTART, BAD_GATEWAY -> Outcome.serverFault();
      case TRY_AGAIN_LATER -> Outcome.rateLimited();
      case TIMEOUT -> Outcome.timeout();
      default -> Outcome.rejected();
    };
  }

  /** The outcome of a web socket that this side closed first, by the code it gave. */
  static Outcome ofOwnClose(int code) {
    return code == NORMAL_CLOSURE || code == GOING_AWAY ? Outcome.success() : Outcome.cancelled();
  }

  /**
   * The outcome of a call that failed. A call that was cancelled fails with whatever its socket
   * makes of that. A request that cannot be made to ask for the model of its lease is wrong in
   * itself, which counts against nobody.
   *
   * @param cancelled whether the call was cancelled; a call that timed out is, too
   */
  static Outcome ofFailure(Throwable failure, boolean cancelled) {
    if (failure instanceof RewriteException) {
      return Outcome.rejected();
    }
    if (failure instanceof SocketTimeoutException) {
      return Outcome.timeout();
    }
    if (failure instanceof InterruptedIOException) {
      return Thread.currentThread().isInterrupted() ? Outcome.cancelled() : Outcome.timeout();
    }
    return cancelled ? Outcome.cancelled() : Outcome.ofFailure(failure);
  }
}
