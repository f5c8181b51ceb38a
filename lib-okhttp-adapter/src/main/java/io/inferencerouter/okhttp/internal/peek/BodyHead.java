package io.inferencerouter.okhttp.internal.peek;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.Arrays;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.BufferedSink;
import okio.ByteString;
import okio.Source;
import okio.Timeout;

/**
 * The first bytes of a request body, at most {@code limit} of them.
 *
 * <p>It is the sink the body is written to. Okio's own buffered sink would first copy the whole of
 * an array that is written at once, however large; this one takes what it has room for and then
 * ends the writing with an exception of its own, so that a body is neither copied nor produced
 * beyond the limit.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class BodyHead implements BufferedSink {
  private static final int INITIAL_CAPACITY = 8 * 1024;

  private final int limit;
  private final Buffer pending = new Buffer();
  private byte[] bytes;
  private int size;
  private boolean truncated;

  private BodyHead(int limit, int capacity) {
    this.limit = limit;
    this.bytes = new byte[capacity];
  }

  /**
   * Reads the beginning of a body that can be written more than once.
   *
   * @param limit the most that is read, in bytes
   * @param contentLength the body's length in bytes, or -1 if not known
   * @throws IOException what the body threw
   */
  public static BodyHead of(RequestBody body, int limit, long contentLength) throws IOException {
    long capacity = contentLength >= 0 ? contentLength : INITIAL_CAPACITY;
    BodyHead head = new BodyHead(limit, (int) Math.min(limit, capacity));
    try {
      body.writeTo(head);
      head.drain();
    } catch (LimitReached end) {
      head.truncated = true;
    }
    return head;
  }

  /** The bytes read, from index 0 to {@link #size()}. Not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** How many bytes were read. */
  public int size() {
    return size;
  }

  /** Whether the body has more bytes than were read. */
  public boolean isTruncated() {
    return truncated;
  }

  private int room() {
    return limit - size;
  }

  private void reserve(int count) {
    if (count > bytes.length - size) {
      int doubled = (int) Math.min(limit, Math.max(size + (long) count, bytes.length * 2L));
      bytes = Arrays.copyOf(bytes, doubled);
    }
  }

  private void append(byte[] source, int offset, int count) throws IOException {
    drain();
    int taken = Math.min(count, room());
    reserve(taken);
    System.arraycopy(source, offset, bytes, size, taken);
    size += taken;
    stopIf(taken < count);
  }

  /** Takes over what was written to the buffer. */
  private BodyHead drain() throws IOException {
    long written = pending.size();
    if (written > 0) {
      int taken = (int) Math.min(written, room());
      reserve(taken);
      for (int end = size + taken; size < end; ) {
        size += pending.read(bytes, size, end - size);
      }
      pending.clear();
      stopIf(taken < written);
    }
    return this;
  }

  private void stopIf(boolean more) throws LimitReached {
    if (more) {
      truncated = true;
      throw new LimitReached();
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
    int taken = Math.min(byteCount, room());
    pending.write(byteString, offset, taken);
    drain();
    stopIf(taken < byteCount);
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
    drain();
    int given = source.remaining();
    int taken = Math.min(given, room());
    reserve(taken);
    source.get(bytes, size, taken);
    size += taken;
    stopIf(taken < given);
    return taken;
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
      long count = source.read(pending, Math.min(left, room() + 1L));
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
    for (long count; (count = source.read(pending, room() + 1L)) >= 0; total += count) {
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
    int end = (int) Math.min(endIndex, beginIndex + (long) room());
    pending.writeUtf8(string, beginIndex, end);
    drain();
    stopIf(end < endIndex);
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
    drain();
    int end = (int) Math.min(endIndex, beginIndex + (long) room());
    pending.writeString(string, beginIndex, end, charset);
    drain();
    stopIf(end < endIndex);
    return this;
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

  private record Utf8Appendable(BodyHead head) implements Appendable {
    @Override
    public Appendable append(CharSequence text) throws IOException {
      head.writeUtf8(text.toString());
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

  /** Ends the writing of a body that is longer than the limit. */
  private static final class LimitReached extends IOException {
    private static final long serialVersionUID = 1L;

    LimitReached() {
      super("limit reached");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
