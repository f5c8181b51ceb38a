package io.inferencerouter.okhttp;

import java.io.IOException;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * What came of an attempt, a response or a failure, and the wait for another attempt, if there is
 * to be one. Until that has its lease the response stays open, for it is what the caller gets if
 * there will be none.
 */
final class Answer {
  private final @Nullable Response response;
  private final @Nullable IOException failure;
  private final @Nullable LeaseWait next;

  private Answer(
      @Nullable Response response, @Nullable IOException failure, @Nullable LeaseWait next) {
    this.response = response;
    this.failure = failure;
    this.next = next;
  }

  static Answer of(Response response, @Nullable LeaseWait next) {
    return new Answer(response, null, next);
  }

  /**
   * A failure.
   *
   * @param earlier what came of the attempt before; if that failed, too, it is suppressed
   */
  static Answer of(IOException failure, @Nullable Answer earlier, @Nullable LeaseWait next) {
    IOException before = earlier == null ? null : earlier.failure;
    if (before != null && before != failure) {
      failure.addSuppressed(before);
    }
    return new Answer(null, failure, next);
  }

  /** The wait for another attempt; null if this is what the caller gets. */
  @Nullable LeaseWait next() {
    return next;
  }

  /** The same, as what the caller gets, for want of another attempt. */
  Answer last(Exception refused) {
    if (failure != null) {
      failure.addSuppressed(refused);
    }
    return new Answer(response, failure, null);
  }

  /** Gives the response up, if there is one. */
  void drop() {
    if (response != null) {
      response.close();
    }
  }

  Response get() throws IOException {
    if (response != null) {
      return response;
    }
    throw failure != null ? failure : LeaseWait.cancellation();
  }
}
