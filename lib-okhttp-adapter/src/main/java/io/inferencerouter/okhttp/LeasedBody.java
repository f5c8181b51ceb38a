package io.inferencerouter.okhttp;

import io.inferencerouter.Endpoint;
import io.inferencerouter.okhttp.internal.stream.BodyScanner;
import java.time.Clock;
import okhttp3.MediaType;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/** The body of a response, with which its lease ends. */
final class LeasedBody extends ResponseBody {
  private final ResponseBody body;
  private final BodyScanner scanner;
  private final RoutedAttempt attempt;
  private final LeasedSource leased;
  private final BufferedSource source;

  private LeasedBody(
      Response response, ResponseBody body, BodyScanner scanner, RoutedAttempt attempt) {
    this.body = body;
    this.scanner = scanner;
    this.attempt = attempt;
    attempt.lease().backpressure(true);
    this.leased = new LeasedSource(response, body, scanner, attempt);
    this.source = Okio.buffer(leased);
  }

  /**
   * Ties the lease to the response: one that carries an answer holds it until the body ends, any
   * other ends it at once.
   */
  static Response tie(Response response, RoutedAttempt attempt, Clock clock) {
    LoadReports.inHeaders(response, attempt.lease());
    if (!response.isSuccessful()) {
      attempt.end(Outcomes.ofStatus(response, clock));
      return response;
    }
    ResponseBody body = response.body();
    BodyScanner scanner = BodyScanner.of(response, attempt.streamEnd());
    if (body == null || !hasContent(response, body)) {
      attempt.succeed(scanner.usage());
      return response;
    }
    return response.newBuilder().body(new LeasedBody(response, body, scanner, attempt)).build();
  }

  private static boolean hasContent(Response response, ResponseBody body) {
    return body.contentLength() != 0
        && response.code() != 204
        && response.code() != 205
        && !response.request().method().equals("HEAD");
  }

  /** Whose answer it is. */
  Endpoint endpoint() {
    return attempt.lease().endpoint();
  }

  /** Whether it is a stream of events that can be read as it is. */
  boolean isEventStream() {
    return scanner.countsOutputs();
  }

  /** Whether it is such a stream and has ended too soon, by the endpoint's doing. */
  boolean isBrokenOff() {
    return leased.isBrokenOff();
  }

  @Override
  public @Nullable MediaType contentType() {
    return body.contentType();
  }

  @Override
  public long contentLength() {
    return body.contentLength();
  }

  @Override
  public BufferedSource source() {
    return source;
  }
}
