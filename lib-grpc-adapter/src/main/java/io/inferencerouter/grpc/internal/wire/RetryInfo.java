package io.inferencerouter.grpc.internal.wire;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The message {@code google.rpc.RetryInfo} within a {@code google.rpc.Status}, as in the trailer
 * {@code grpc-status-details-bin}.
 */
public final class RetryInfo {
  private static final String TYPE = "google.rpc.RetryInfo";
  private static final String TYPE_URL = "type.googleapis.com/" + TYPE;

  private static final int STATUS_CODE = 1;
  private static final int STATUS_MESSAGE = 2;
  private static final int STATUS_DETAILS = 3;
  private static final int ANY_TYPE_URL = 1;
  private static final int ANY_VALUE = 2;
  private static final int RETRY_DELAY = 1;
  private static final int SECONDS = 1;
  private static final int NANOS = 2;

  private RetryInfo() {}

  /** A status with this code and message, and when to try again. */
  public static byte[] status(int code, String message, Duration retryDelay) {
    byte[] duration =
        new WireWriter()
            .integer(SECONDS, retryDelay.getSeconds())
            .integer(NANOS, retryDelay.getNano())
            .bytes();
    byte[] retryInfo = new WireWriter().message(RETRY_DELAY, duration).bytes();
    byte[] any =
        new WireWriter().text(ANY_TYPE_URL, TYPE_URL).message(ANY_VALUE, retryInfo).bytes();
    return new WireWriter()
        .integer(STATUS_CODE, code)
        .text(STATUS_MESSAGE, message)
        .message(STATUS_DETAILS, any)
        .bytes();
  }

  /** When to try again, according to a serialized status; null if it does not say. */
  public static @Nullable Duration retryDelay(byte[] status) {
    WireReader wire = new WireReader(status, status.length);
    while (wire.next(wire.end())) {
      if (wire.is(STATUS_DETAILS, WireReader.DELIMITED)) {
        int end = wire.enter();
        Duration delay = ofAny(wire, end);
        if (delay != null) {
          return delay;
        }
        wire.leave(end);
      } else {
        wire.skip();
      }
    }
    return null;
  }

  private static @Nullable Duration ofAny(WireReader wire, int end) {
    String type = "";
    byte[] value = {};
    while (wire.next(end)) {
      if (wire.is(ANY_TYPE_URL, WireReader.DELIMITED)) {
        type = wire.text();
      } else if (wire.is(ANY_VALUE, WireReader.DELIMITED)) {
        value = wire.bytes();
      } else {
        wire.skip();
      }
    }
    return type.substring(type.lastIndexOf('/') + 1).equals(TYPE) ? ofRetryInfo(value) : null;
  }

  private static @Nullable Duration ofRetryInfo(byte[] retryInfo) {
    WireReader wire = new WireReader(retryInfo, retryInfo.length);
    Duration delay = null;
    while (wire.next(wire.end())) {
      if (wire.is(RETRY_DELAY, WireReader.DELIMITED)) {
        int end = wire.enter();
        delay = duration(wire, end);
        wire.leave(end);
      } else {
        wire.skip();
      }
    }
    return delay;
  }

  private static @Nullable Duration duration(WireReader wire, int end) {
    long seconds = 0;
    long nanos = 0;
    while (wire.next(end)) {
      if (wire.is(SECONDS, WireReader.VARINT)) {
        seconds = wire.varint();
      } else if (wire.is(NANOS, WireReader.VARINT)) {
        nanos = wire.varint();
      } else {
        wire.skip();
      }
    }
    boolean valid = seconds >= 0 && nanos >= 0 && nanos < 1_000_000_000;
    return valid ? Duration.ofSeconds(seconds, nanos) : null;
  }
}
