package io.inferencerouter.okhttp.internal.rewrite;

import java.io.IOException;
import java.util.List;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.BufferedSink;
import okio.ForwardingSink;
import okio.Okio;
import okio.Sink;
import org.jspecify.annotations.Nullable;

/**
 * A body that can be written more than once, with other bytes in some places. All others pass as
 * they are; nothing is kept. Writing fails when the bytes to be replaced are not there.
 */
public final class SplicedBody extends RequestBody {
  private final RequestBody body;
  private final List<Splice> splices;

  /**
   * Changes a body.
   *
   * @param splices in the order of their places, which do not overlap
   */
  public SplicedBody(RequestBody body, List<Splice> splices) {
    this.body = body;
    this.splices = List.copyOf(splices);
  }

  @Override
  public @Nullable MediaType contentType() {
    return body.contentType();
  }

  @Override
  public long contentLength() throws IOException {
    long length = body.contentLength();
    if (length >= 0) {
      for (Splice splice : splices) {
        length += splice.growth();
      }
    }
    return length;
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    Splicing splicing = new Splicing(sink, splices);
    BufferedSink buffered = Okio.buffer((Sink) splicing);
    body.writeTo(buffered);
    buffered.emit();
    splicing.end();
  }

  private static final class Splicing extends ForwardingSink {
    private final List<Splice> splices;
    private long position;
    private int next;

    Splicing(Sink sink, List<Splice> splices) {
      super(sink);
      this.splices = splices;
    }

    @Override
    public void write(Buffer source, long byteCount) throws IOException {
      long left = byteCount;
      while (left > 0) {
        long toNext = next < splices.size() ? splices.get(next).start() - position : left;
        if (toNext > 0) {
          long count = Math.min(left, toNext);
          super.write(source, count);
          position += count;
          left -= count;
        } else {
          replace(source.readByte(), splices.get(next));
          left--;
        }
      }
    }

    private void replace(byte b, Splice splice) throws IOException {
      if (b != splice.replaced()[(int) (position - splice.start())]) {
        throw changed();
      }
      if (++position == splice.end()) {
        next++;
        super.write(new Buffer().write(splice.replacement()), splice.replacement().length);
      }
    }

    void end() throws IOException {
      if (next < splices.size()) {
        throw changed();
      }
    }

    private static IOException changed() {
      return new RewriteException(
          "request body: not what it was when it was read (expected: the same each time it is"
              + " written, or isOneShot)");
    }
  }
}
