package io.inferencerouter.grpc.internal.wire;

import java.nio.charset.StandardCharsets;

/**
 * Reads the wire format of protocol buffers, field by field, out of the whole or the beginning of a
 * message. It never throws: where the bytes end, or make no sense, there is no further field, and
 * values are 0 or empty.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class WireReader {
  /** The wire type of integers. */
  public static final int VARINT = 0;

  /** The wire type of texts, bytes, messages and packed numbers. */
  public static final int DELIMITED = 2;

  private static final int FIXED64 = 1;
  private static final int FIXED32 = 5;

  private final byte[] data;
  private final int available;
  private int at;
  private int tag;
  private boolean ended;

  /** Reads the first {@code available} bytes. */
  public WireReader(byte[] data, int available) {
    this.data = data;
    this.available = available;
  }

  /** Where the whole message ends; a message inside of it may claim to end later. */
  public int end() {
    return available;
  }

  /**
   * Goes to the next field of the message that ends at {@code end}; false when there is none. What
   * is left of a message inside is skipped by {@link #leave}.
   */
  public boolean next(int end) {
    if (ended || at >= end || at >= available) {
      return false;
    }
    tag = (int) varint();
    ended |= tag >>> 3 == 0;
    return !ended;
  }

  /** Whether this is the field with that number and wire type. */
  public boolean is(int number, int type) {
    return tag == (number << 3 | type);
  }

  /** The integer that is the value of this field, or the next one of packed integers. */
  public long varint() {
    long value = 0;
    for (int shift = 0; shift < 64 && at < available; shift += 7) {
      byte b = data[at++];
      value |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return value;
      }
    }
    ended = true;
    return 0;
  }

  /** Enters the value of this field; returns where it ends, which may be beyond what is there. */
  public int enter() {
    long length = varint();
    if (length < 0 || length > Integer.MAX_VALUE - at) {
      ended = true;
    }
    return ended ? at : at + (int) length;
  }

  /** Goes on behind a value that was entered. */
  public void leave(int end) {
    at = Math.max(at, end);
  }

  /** Whether there is more before {@code end}, within packed integers. */
  public boolean hasMore(int end) {
    return !ended && at < end && at < available;
  }

  /** The text that is the value of this field; empty if not all of it is there. */
  public String text() {
    int end = enter();
    int from = at;
    if (end > available) {
      ended = true;
      return "";
    }
    leave(end);
    return new String(data, from, end - from, StandardCharsets.UTF_8);
  }

  /** The bytes that are the value of this field; empty if not all of them are there. */
  public byte[] bytes() {
    int end = enter();
    int from = at;
    if (end > available) {
      ended = true;
      return new byte[0];
    }
    leave(end);
    return java.util.Arrays.copyOfRange(data, from, end);
  }

  /** Skips the value of this field. Groups, long out of use, end the message. */
  public void skip() {
    switch (tag & 7) {
      case VARINT -> varint();
      case FIXED64 -> advance(8);
      case FIXED32 -> advance(4);
      case DELIMITED -> leave(enter());
      default -> ended = true;
    }
  }

  private void advance(int count) {
    if (count > available - at) {
      ended = true;
    } else {
      at += count;
    }
  }
}
