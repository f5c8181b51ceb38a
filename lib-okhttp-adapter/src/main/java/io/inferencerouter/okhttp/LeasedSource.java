package io.inferencerouter.okhttp;

import io.inferencerouter.Outcome;
import io.inferencerouter.okhttp.internal.stream.BodyScanner;
import java.io.IOException;
import java.util.List;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ForwardingSource;

/**
 * The bytes of a response, as the caller reads them, and as long as he reads none they are held
 * back. On the way it reports the first output, the progress and the load in the trailers, and it
 * completes the lease as soon as it is settled how the answer ends:
 *
 * <ul>
 *   <li>the body ended, or as many bytes arrived as were announced, or the scanner saw the end of
 *       the answer: success, unless the answer itself says that it failed, or is a stream that
 *       should have had another end, which is a fault of the endpoint;
 *   <li>reading failed: a fault or a time-out of the endpoint, unless the call was cancelled; a
 *       stream of which something has arrived fails with a {@link BrokenStreamException};
 *   <li>the caller closed the body before any of this: cancelled.
 * </ul>
 */
final class LeasedSource extends ForwardingSource {
  private final Response response;
  private final long contentLength;
  private final BodyScanner scanner;
  private final RoutedAttempt attempt;
  private final Buffer.UnsafeCursor cursor = new Buffer.UnsafeCursor();
  private long received;
  private long reported;
  private boolean begun;
  private boolean settled;
  private boolean ended;
  private boolean brokenOff;

  LeasedSource(Response response, ResponseBody body, BodyScanner scanner, RoutedAttempt attempt) {
    super(body.source());
    this.response = response;
    this.contentLength = body.contentLength();
    this.scanner = scanner;
    this.attempt = attempt;
  }

  @Override
  public long read(Buffer sink, long byteCount) throws IOException {
    long count;
    attempt.lease().backpressure(false);
    try {
      count = super.read(sink, byteCount);
    } catch (IOException e) {
      brokenOff |= !settled && scanner.countsOutputs() && attempt.isWanted();
      settled = true;
      attempt.fail(e);
      throw told(attempt.explained(e));
    } catch (RuntimeException e) {
      settled = true;
      attempt.fail(e);
      throw e;
    } finally {
      attempt.lease().backpressure(true);
    }
    if (count == -1 && !ended) {
      ended = true;
      LoadReports.inTrailers(response, attempt.lease());
    }
    if (!settled) {
      if (count > 0) {
        look(sink, count);
        report();
      }
      received += Math.max(0, count);
      boolean whole = count == -1 || received == contentLength;
      if (whole) {
        scanner.end();
      }
      if (whole || scanner.isAnswered()) {
        settled = true;
        settle();
      }
    }
    return count;
  }

  /** A failure as who reads is told of it: after the first byte, with what has arrived. */
  private IOException told(IOException failure) {
    return brokenOff && received > 0
        ? new BrokenStreamException(
            attempt.lease().endpoint().id(),
            new PartialAnswer(received, scanner.events(), List.of()),
            failure)
        : failure;
  }

  /** Whether this is a stream of events that has ended too soon, by the endpoint's doing. */
  boolean isBrokenOff() {
    return brokenOff;
  }

  private void settle() {
    if (scanner.hasFailed()) {
      brokenOff = !scanner.isAnswered();
      attempt.end(Outcome.serverFault());
    } else {
      attempt.succeed(scanner.usage());
    }
  }

  /** Shows the scanner the last {@code count} bytes of the buffer, in place. */
  private void look(Buffer buffer, long count) {
    try (Buffer.UnsafeCursor bytes = buffer.readUnsafe(cursor)) {
      long left = count;
      bytes.seek(buffer.size() - count);
      while (left > 0) {
        scanner.scan(bytes.data, bytes.start, bytes.end);
        left -= bytes.end - bytes.start;
        bytes.next();
      }
    }
  }

  private void report() {
    if (!begun && scanner.hasOutput()) {
      begun = true;
      attempt.lease().firstToken();
    }
    long outputs = scanner.outputs();
    if (outputs > reported || !scanner.countsOutputs()) {
      attempt.lease().progress(outputs - reported);
    }
    reported = outputs;
  }

  @Override
  public void close() throws IOException {
    if (!settled) {
      settled = true;
      attempt.abandon();
    }
    super.close();
  }
}
