package io.inferencerouter.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The serialized form of a message, looked at without sending it: its size, and its beginning. That
 * is possible as often as one likes, except for messages that are streams themselves, which could
 * be read only once.
 */
final class MessageBytes {
  /** The size of a message that does not tell it. */
  static final int UNKNOWN = -1;

  private static final byte[] NONE = {};

  private MessageBytes() {}

  /** The size in bytes, or {@link #UNKNOWN}. Nothing is serialized for it. */
  static <T> int size(MethodDescriptor<T, ?> method, T message) {
    if (message instanceof InputStream) {
      return UNKNOWN;
    }
    try (InputStream stream = method.streamRequest(message)) {
      return stream instanceof KnownLength || stream instanceof ByteArrayInputStream
          ? stream.available()
          : UNKNOWN;
    } catch (IOException | RuntimeException e) {
      return UNKNOWN; // sending it will fail, and say why
    }
  }

  /**
   * The beginning of a message.
   *
   * @param size as {@link #size} says
   * @return at most {@code limit} bytes; none if it cannot be read
   */
  static <T> byte[] head(MethodDescriptor<T, ?> method, T message, int size, int limit) {
    if (message instanceof InputStream || size == 0) {
      return NONE;
    }
    try (InputStream stream = method.streamRequest(message)) {
      if (size > limit && stream instanceof Drainable drainable) {
        return drained(drainable, limit);
      }
      return stream.readNBytes(size == UNKNOWN ? limit : Math.min(size, limit));
    } catch (IOException | RuntimeException e) {
      return NONE;
    }
  }

  /**
   * Serializes until there is enough: far cheaper than the whole of a message of many megabytes.
   */
  private static byte[] drained(Drainable message, int limit) throws IOException {
    Head head = new Head(limit);
    try {
      int unused = message.drainTo(head);
    } catch (Enough enough) {
      return head.bytes;
    }
    return java.util.Arrays.copyOf(head.bytes, head.size);
  }

  /** Takes the first bytes and then refuses. */
  private static final class Head extends OutputStream {
    final byte[] bytes;
    int size;

    Head(int limit) {
      bytes = new byte[limit];
    }

    @Override
    public void write(int b) throws IOException {
      if (size == bytes.length) {
        throw new Enough();
      }
      bytes[size++] = (byte) b;
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      int taken = Math.min(length, bytes.length - size);
      System.arraycopy(from, offset, bytes, size, taken);
      size += taken;
      if (taken < length) {
        throw new Enough();
      }
    }
  }

  /** Nothing more is wanted. */
  private static final class Enough extends IOException {
    private static final long serialVersionUID = 1L;

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
