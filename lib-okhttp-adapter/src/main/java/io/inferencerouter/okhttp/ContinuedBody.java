package io.inferencerouter.okhttp;

import java.io.IOException;
import java.util.Optional;
import okhttp3.MediaType;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.Okio;
import okio.Source;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The body of a streamed answer that is continued where it breaks off, by that of another answer.
 * Only whole events are passed on as long as there may be another: what is left of the last one is,
 * when there will be none.
 */
final class ContinuedBody extends ResponseBody {
  /** Gets the rest of an answer. */
  interface Continuing {
    /**
     * Asks for the rest, and waits until it begins.
     *
     * @return empty if the answer is not to be continued
     * @throws IOException if it could not be
     */
    Optional<LeasedBody> after(PartialAnswer received) throws IOException;

    /** Whether the call was cancelled, or its time is over. */
    boolean isCanceled();

    /** Cancels the call. */
    void cancel();
  }

  private final @Nullable MediaType contentType;
  private final BufferedSource source;

  ContinuedBody(LeasedBody first, Continuing continuing) {
    this.contentType = first.contentType();
    this.source = Okio.buffer(new Parts(first, continuing));
  }

  @Override
  public @Nullable MediaType contentType() {
    return contentType;
  }

  /** Not known, whatever the first answer has announced. */
  @Override
  public long contentLength() {
    return -1;
  }

  @Override
  public BufferedSource source() {
    return source;
  }

  /**
   * One answer after another. It may be closed by another thread, also while it waits for the next
   * one: closing first says so and then looks whether something is under way, and who continues
   * does it the other way round.
   */
  private static final class Parts implements Source {
    private static final int PIECE = 8192;

    private final Continuing continuing;
    private final EventRecord record = new EventRecord();
    private final Buffer arrived = new Buffer();
    private volatile LeasedBody current;
    private volatile boolean continues;
    private volatile boolean closed;
    private @Nullable IOException failure;
    private boolean ended;

    Parts(LeasedBody first, Continuing continuing) {
      this.current = first;
      this.continuing = continuing;
    }

    @Override
    public long read(Buffer sink, long byteCount) throws IOException {
      while (record.whole().exhausted()) {
        if (failure != null) {
          throw failure;
        }
        if (ended) {
          return -1;
        }
        fill();
      }
      return record.whole().read(sink, byteCount);
    }

    private void fill() {
      try {
        if (current.source().read(arrived, PIECE) != -1) {
          record.add(arrived);
        } else if (current.isBrokenOff()) {
          brokeOff(new IOException("the body has ended"));
        } else {
          record.passRest();
          ended = true;
        }
      } catch (IOException e) {
        if (current.isBrokenOff() && !closed) {
          brokeOff(
              e instanceof BrokenStreamException && e.getCause() instanceof IOException c ? c : e);
        } else {
          fail(e);
        }
      }
    }

    private void brokeOff(IOException cause) {
      String endpoint = current.endpoint().id();
      current.close();
      Exception notContinued = null;
      try {
        Optional<LeasedBody> rest =
            record.isAtEndOfEvent() ? rest(record.received()) : Optional.empty();
        if (rest.isPresent()) {
          goOn(rest.get());
          return;
        }
      } catch (IOException | RuntimeException e) {
        notContinued = e;
      }
      record.passRest();
      if (notContinued instanceof IOException canceled && continuing.isCanceled()) {
        failure = canceled;
        return;
      }
      failure = new BrokenStreamException(endpoint, record.received(), cause);
      if (notContinued != null) {
        failure.addSuppressed(notContinued);
      }
    }

    private Optional<LeasedBody> rest(PartialAnswer received) throws IOException {
      continues = true;
      try {
        return closed ? Optional.empty() : continuing.after(received);
      } finally {
        continues = false;
      }
    }

    private void goOn(LeasedBody rest) {
      record.startAnew();
      current = rest;
      if (closed) {
        rest.close();
      }
    }

    private void fail(IOException e) {
      record.passRest();
      failure = e;
    }

    @Override
    public Timeout timeout() {
      return current.source().timeout();
    }

    @Override
    public void close() {
      closed = true;
      if (continues) {
        continuing.cancel();
      }
      current.close();
    }
  }
}
