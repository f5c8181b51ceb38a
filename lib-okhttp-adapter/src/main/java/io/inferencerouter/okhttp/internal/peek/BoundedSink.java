package io.inferencerouter.okhttp.internal.peek;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.BufferedSink;
import okio.ByteString;
import okio.Source;
import okio.Timeout;

/**
 * Looks at the bytes of a request body, at most at {@code limit} of them, without sending it.
 *
 * <p>It is the sink the body is written to. Okio's own buffered sink would first copy the whole of
 * an array that is written at once, however large; this one shows it in place, as far as the limit
 * goes, and then ends the writing with an exception of its own, so that a body is neither copied
 * nor produced beyond the limit.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class BoundedSink implements BufferedSink {
  /** How much is copied at a time where there is no array to look into. */
  private static final int PIECE = 8 * 1024;

  /** Looks at bytes. */
  @FunctionalInterface
  public interface Viewer {
    /**
     * Looks at the next bytes, {@code data[from]} to {@code data[to - 1]}, which it must not keep.
     *
     * @return whether it wants to see more
     */
    boolean view(byte[] data, int from, int to);
  }

  private final Viewer viewer;
  private final Buffer pending = new Buffer();
  private final Buffer.UnsafeCursor cursor = new Buffer.UnsafeCursor();
  private long room;

  private BoundedSink(long limit, Viewer viewer) {
    this.viewer = viewer;
    this.room = limit;
  }

  /**
   * Shows the beginning of a body that can be written more than once.
   *
   * @param limit the most that is shown, in bytes
   * @return whether that was all of the body
   * @throws IOException what the body threw
   */
  public static boolean show(RequestBody body, long limit, Viewer viewer) throws IOException {
    BoundedSink sink = new BoundedSink(limit, viewer);
    try {
      body.writeTo(sink);
      sink.drain();
      return true;
    } catch (Enough end) {
      return false;
    }
  }

  private void append(byte[] source, int offset, int count) throws IOException {
    drain();
    int taken = (int) Math.min(count, room);
    view(source, offset, offset + taken);
    stopIf(taken < count);
  }

  private void view(byte[] data, int from, int to) throws Enough {
    room -= to - from;
    stopIf(from < to && !viewer.view(data, from, to));
  }

  /** Shows what was written to the buffer. */
  private BoundedSink drain() throws IOException {
    long written = pending.size();
    if (written > 0) {
      long left = Math.min(written, room);
      boolean more = left < written;
      try (Buffer.UnsafeCursor bytes = pending.readUnsafe(cursor)) {
        for (bytes.seek(0); left > 0; bytes.next()) {
          int count = (int) Math.min(left, bytes.end - bytes.start);
          left -= count;
          view(bytes.data, bytes.start, bytes.start + count);
        }
      }
      pending.clear();
      stopIf(more);
    }
    return this;
  }

  private static void stopIf(boolean enough) throws Enough {
    if (enough) {
      throw new Enough();
    }
  }

  @Deprecated
  @Override
  public Buffer buffer() {
    return pending;
  }

  @Override
  public Buffer getBuffer() {
    return pending;
  }

  @Override
  public BufferedSink write(ByteString byteString) throws IOException {
    return write(byteString, 0, byteString.size());
  }

  @Override
  public BufferedSink write(ByteString byteString, int offset, int byteCount) throws IOException {
    drain();
    for (int at = 0; at < byteCount; at += PIECE) {
      pending.write(byteString, offset + at, Math.min(PIECE, byteCount - at));
      drain();
    }
    return this;
  }

  @Override
  public BufferedSink write(byte[] source) throws IOException {
    append(source, 0, source.length);
    return this;
  }

  @Override
  public BufferedSink write(byte[] source, int offset, int byteCount) throws IOException {
    append(source, offset, byteCount);
    return this;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int given = source.remaining();
    byte[] piece = new byte[Math.min(PIECE, given)];
    while (source.hasRemaining()) {
      int count = Math.min(piece.length, source.remaining());
      source.get(piece, 0, count);
      append(piece, 0, count);
    }
    return given;
  }

  @Override
  public void write(Buffer source, long byteCount) throws IOException {
    drain();
    pending.write(source, byteCount);
    drain();
  }

  @Override
  public BufferedSink write(Source source, long byteCount) throws IOException {
    drain();
    for (long left = byteCount; left > 0; ) {
      long count = source.read(pending, Math.min(left, PIECE));
      if (count < 0) {
        throw new EOFException("source: ended " + left + " bytes too early");
      }
      left -= count;
      drain();
    }
    return this;
  }

  @Override
  public long writeAll(Source source) throws IOException {
    drain();
    long total = 0;
    for (long count; (count = source.read(pending, PIECE)) >= 0; total += count) {
      drain();
    }
    return total;
  }

  @Override
  public BufferedSink writeUtf8(String string) throws IOException {
    return writeUtf8(string, 0, string.length());
  }

  @Override
  public BufferedSink writeUtf8(String string, int beginIndex, int endIndex) throws IOException {
    drain();
    for (int at = beginIndex; at < endIndex; ) {
      int end = endOfPiece(string, at, endIndex);
      pending.writeUtf8(string, at, end);
      drain();
      at = end;
    }
    return this;
  }

  @Override
  public BufferedSink writeUtf8CodePoint(int codePoint) throws IOException {
    pending.writeUtf8CodePoint(codePoint);
    return drain();
  }

  @Override
  public BufferedSink writeString(String string, Charset charset) throws IOException {
    return writeString(string, 0, string.length(), charset);
  }

  @Override
  public BufferedSink writeString(String string, int beginIndex, int endIndex, Charset charset)
      throws IOException {
    if (charset.equals(StandardCharsets.UTF_8)) {
      return writeUtf8(string, beginIndex, endIndex);
    }
    drain(); // other encodings may begin with a mark, and so cannot be written in pieces
    pending.writeString(string, beginIndex, endIndex, charset);
    return drain();
  }

  /** Where a piece of text can end, which is not between two surrogates. */
  private static int endOfPiece(String string, int from, int endIndex) {
    int end = (int) Math.min(endIndex, from + (long) PIECE);
    return end < endIndex && Character.isHighSurrogate(string.charAt(end - 1)) ? end - 1 : end;
  }

  @Override
  public BufferedSink writeByte(int b) throws IOException {
    pending.writeByte(b);
    return drain();
  }

  @Override
  public BufferedSink writeShort(int s) throws IOException {
    pending.writeShort(s);
    return drain();
  }

  @Override
  public BufferedSink writeShortLe(int s) throws IOException {
    pending.writeShortLe(s);
    return drain();
  }

  @Override
  public BufferedSink writeInt(int i) throws IOException {
    pending.writeInt(i);
    return drain();
  }

  @Override
  public BufferedSink writeIntLe(int i) throws IOException {
    pending.writeIntLe(i);
    return drain();
  }

  @Override
  public BufferedSink writeLong(long v) throws IOException {
    pending.writeLong(v);
    return drain();
  }

  @Override
  public BufferedSink writeLongLe(long v) throws IOException {
    pending.writeLongLe(v);
    return drain();
  }

  @Override
  public BufferedSink writeDecimalLong(long v) throws IOException {
    pending.writeDecimalLong(v);
    return drain();
  }

  @Override
  public BufferedSink writeHexadecimalUnsignedLong(long v) throws IOException {
    pending.writeHexadecimalUnsignedLong(v);
    return drain();
  }

  /** Of Okio 3.11 and later, whose interface has this method as well. */
  public Appendable utf8Appendable() {
    return new Utf8Appendable(this);
  }

  @Override
  public void flush() throws IOException {
    drain();
  }

  @Override
  public BufferedSink emit() throws IOException {
    return drain();
  }

  @Override
  public BufferedSink emitCompleteSegments() throws IOException {
    return drain();
  }

  @Override
  public Timeout timeout() {
    return Timeout.NONE;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() throws IOException {
    drain();
  }

  @Override
  public OutputStream outputStream() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        writeByte(b);
      }

      @Override
      public void write(byte[] source, int offset, int count) throws IOException {
        append(source, offset, count);
      }
    };
  }

  private record Utf8Appendable(BoundedSink sink) implements Appendable {
    @Override
    public Appendable append(CharSequence text) throws IOException {
      sink.writeUtf8(text.toString());
      return this;
    }

    @Override
    public Appendable append(CharSequence text, int start, int end) throws IOException {
      return append(text.subSequence(start, end));
    }

    @Override
    public Appendable append(char c) throws IOException {
      return append(String.valueOf(c));
    }
  }

  /** Ends the writing of a body of which enough was seen. */
  private static final class Enough extends IOException {
    private static final long serialVersionUID = 1L;

    Enough() {
      super("enough was seen");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
