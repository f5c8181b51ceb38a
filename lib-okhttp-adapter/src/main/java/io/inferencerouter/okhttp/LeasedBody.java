package io.inferencerouter.okhttp;

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
  private final BufferedSource source;

  private LeasedBody(
      Response response, ResponseBody body, BodyScanner scanner, RoutedAttempt attempt) {
    this.body = body;
    attempt.lease().backpressure(true);
    this.source = Okio.buffer(new LeasedSource(response, body, scanner, attempt));
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
