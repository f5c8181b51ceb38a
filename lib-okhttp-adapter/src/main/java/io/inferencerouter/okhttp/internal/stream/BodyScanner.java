package io.inferencerouter.okhttp.internal.stream;

import io.inferencerouter.Usage;
import io.inferencerouter.okhttp.internal.api.StreamEnd;
import java.util.Locale;
import okhttp3.MediaType;
import okhttp3.Response;

/**
 * Looks at the bytes of a response body while they pass, and says how far the answer has come.
 *
 * <p>Scanners change nothing, keep a bounded amount of memory, and never throw. Not safe for use by
 * several threads at once.
 */
public interface BodyScanner {
  /** Looks at the next bytes, {@code data[from]} to {@code data[to - 1]}. */
  void scan(byte[] data, int from, int to);

  /** Whether the first output has arrived. */
  boolean hasOutput();

  /** How many pieces of output have arrived so far, where they can be told apart; otherwise 0. */
  default long outputs() {
    return 0;
  }

  /** Whether pieces of output can be told apart. */
  default boolean countsOutputs() {
    return false;
  }

  /** How many events with data have arrived whole; 0 if this is no stream of events. */
  default long events() {
    return 0;
  }

  /** Whether the answer has arrived in full, so that what may still follow does not matter. */
  boolean isAnswered();

  /** The body has ended, without an error. */
  default void end() {}

  /** Whether the answer ends with the statement that it failed, or before its own end. */
  default boolean hasFailed() {
    return false;
  }

  /** What the answer says it took; unknown where it does not say. */
  Usage usage();

  /**
   * The scanner for a response: by its content type, and only if its bytes can be read as they are,
   * that is, without a content encoding.
   *
   * @param end how the answer ends if it is a stream of events
   */
  static BodyScanner of(Response response, StreamEnd end) {
    if (response.header("Content-Encoding") == null && response.body() != null) {
      MediaType type = response.body().contentType();
      if (type != null) {
        String subtype = type.subtype().toLowerCase(Locale.ROOT);
        if (subtype.equals("event-stream")) {
          return new EventStreamScanner(end);
        }
        if (subtype.equals("json") || subtype.endsWith("+json")) {
          return new JsonScanner();
        }
      }
    }
    return new OpaqueScanner();
  }
}
