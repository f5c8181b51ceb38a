package io.inferencerouter.okhttp;

import io.inferencerouter.okhttp.internal.rewrite.RewriteException;
import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.BufferedSink;
import okio.ForwardingSink;
import okio.Okio;
import okio.Sink;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way to an endpoint. It is written as it is. Its attempt learns when
 * that begins; and when it throws although the connection did not, that the caller is to blame and
 * not the endpoint. A body that cannot be made to ask for another model is told apart by its
 * exception.
 */
final class CallersBody extends RequestBody {
  private final RequestBody body;
  private final RoutedAttempt attempt;

  private CallersBody(RequestBody body, RoutedAttempt attempt) {
    this.body = body;
    this.attempt = attempt;
  }

  /** The body to send with a request: the request's own, as far as there is no attempt for it. */
  static @Nullable RequestBody of(Request request) {
    RequestBody body = request.body();
    RoutedAttempt attempt = request.tag(RoutedAttempt.class);
    return body == null || attempt == null || body.isDuplex() || body instanceof CallersBody
        ? body
        : new CallersBody(body, attempt);
  }

  @Override
  public @Nullable MediaType contentType() {
    return body.contentType();
  }

  @Override
  public long contentLength() throws IOException {
    return body.contentLength();
  }

  @Override
  public boolean isOneShot() {
    return body.isOneShot();
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    attempt.sending();
    Connection connection = new Connection(sink);
    BufferedSink buffered = Okio.buffer(connection);
    try {
      body.writeTo(buffered);
    } catch (IOException | RuntimeException | Error e) {
      if (!connection.failed && !(e instanceof RewriteException)) {
        attempt.blameCaller(e);
      }
      throw e;
    }
    buffered.emit();
  }

  /** Notes whether what is written could be passed on. */
  private static final class Connection extends ForwardingSink {
    private boolean failed;

    Connection(Sink sink) {
      super(sink);
    }

    @Override
    public void write(Buffer source, long byteCount) throws IOException {
      failed = true;
      super.write(source, byteCount);
      failed = false;
    }

    @Override
    public void flush() throws IOException {
      failed = true;
      super.flush();
      failed = false;
    }

    @Override
    public void close() throws IOException {
      failed = true;
      super.close();
      failed = false;
    }
  }
}
