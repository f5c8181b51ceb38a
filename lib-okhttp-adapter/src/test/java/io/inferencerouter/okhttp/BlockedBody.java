package io.inferencerouter.okhttp;

import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;

/** A body that can be read only when the test says so. */
final class BlockedBody extends RequestBody {
  private final CountDownLatch release;

  BlockedBody(CountDownLatch release) {
    this.release = release;
  }

  @Override
  public MediaType contentType() {
    return RoutedTest.JSON;
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    try {
      Waiting.await(release, "the body to be released");
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted");
    }
    sink.writeUtf8(RoutedTest.CHAT);
  }
}
