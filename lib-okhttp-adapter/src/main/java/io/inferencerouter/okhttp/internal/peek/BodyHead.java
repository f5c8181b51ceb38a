package io.inferencerouter.okhttp.internal.peek;

import java.io.IOException;
import java.util.Arrays;
import okhttp3.RequestBody;

/**
 * The first bytes of a request body, at most {@code limit} of them.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class BodyHead {
  private static final int INITIAL_CAPACITY = 8 * 1024;

  private final int limit;
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
    head.truncated = !BoundedSink.show(body, limit, head::keep);
    return head;
  }

  private boolean keep(byte[] data, int from, int to) {
    int count = to - from;
    if (count > bytes.length - size) {
      int doubled = (int) Math.min(limit, Math.max(size + (long) count, bytes.length * 2L));
      bytes = Arrays.copyOf(bytes, doubled);
    }
    System.arraycopy(data, from, bytes, size, count);
    size += count;
    return true;
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
}
