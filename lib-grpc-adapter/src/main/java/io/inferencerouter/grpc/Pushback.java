package io.inferencerouter.grpc;

import io.grpc.Metadata;
import io.inferencerouter.grpc.internal.wire.RetryInfo;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a server wants to be asked again: the trailer {@code grpc-retry-pushback-ms} of gRPC's retry
 * design (gRFC A6), and {@code google.rpc.RetryInfo} in {@code grpc-status-details-bin}.
 */
final class Pushback {
  static final Metadata.Key<String> MILLIS =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final Duration LONGEST_WAIT = Duration.ofDays(365);

  private Pushback() {}

  /** Whether the server asks not to be tried again: a pushback that is negative or no number. */
  static boolean forbidsRetry(Metadata trailers) {
    return trailers.containsKey(MILLIS) && millis(trailers) < 0;
  }

  /** How long the server asks to be left alone; null if it does not say. */
  static @Nullable Duration retryAfter(Metadata trailers) {
    long millis = millis(trailers);
    if (millis >= 0) {
      return Duration.ofMillis(Math.min(millis, LONGEST_WAIT.toMillis()));
    }
    byte[] details = trailers.get(DETAILS);
    Duration delay = details == null ? null : RetryInfo.retryDelay(details);
    return delay == null || delay.compareTo(LONGEST_WAIT) <= 0 ? delay : LONGEST_WAIT;
  }

  private static long millis(Metadata trailers) {
    String value = trailers.get(MILLIS);
    if (value == null || value.isEmpty() || value.length() > 10) {
      return -1;
    }
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < '0' || value.charAt(i) > '9') {
        return -1;
      }
    }
    return Long.parseLong(value);
  }

  /** Trailers that ask to be tried again after that time. */
  static Metadata trailers(int code, String message, Duration retryAfter) {
    long millis = Math.max(1, (retryAfter.toNanos() + 999_999) / 1_000_000);
    Metadata trailers = new Metadata();
    trailers.put(MILLIS, Long.toString(millis));
    trailers.put(DETAILS, RetryInfo.status(code, message, Duration.ofMillis(millis)));
    return trailers;
  }
}
