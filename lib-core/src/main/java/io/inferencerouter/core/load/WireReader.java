package io.inferencerouter.core.load;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the wire format of protocol buffers, field by field. It never throws: once something is
 * {@linkplain #isMalformed() malformed} there is no further field, and every value is 0 or empty.
 *
 * <p>Not safe for use by several threads at once.
 */
final class WireReader {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH_DELIMITED = 2;
  static final int START_GROUP = 3;
  static final int END_GROUP = 4;
  static final int FIXED32 = 5;

  private final byte[] data;
  private final ByteBuffer numbers;
  private int at;
  private int end;
  private int tag;
  private boolean malformed;

  WireReader(byte[] data) {
    this.data = data;
    this.numbers = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    this.end = data.length;
  }

  /** Where the whole message ends. */
  int limit() {
    return data.length;
  }

  boolean isMalformed() {
    return malformed;
  }

  /**
   * Goes to the next field; false when there is none.
   *
   * @param limit where the message that is being read ends
   */
  boolean next(int limit) {
    end = limit;
    if (malformed || at == end) {
      return false;
    }
    long read = varint();
    tag = (int) read;
    if (read != (tag & 0xFFFF_FFFFL) || tag >>> 3 == 0) {
      malformed = true;
    }
    return !malformed;
  }

  /** The number of the field, times 8, and its wire type. */
  int fieldAndType() {
    return tag;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64 && at < end; shift += 7) {
      byte b = data[at++];
      value |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return value;
      }
    }
    malformed = true;
    return 0;
  }

  double fixed64() {
    int from = at;
    advance(8);
    return malformed ? 0 : numbers.getDouble(from);
  }

  /** Where the message begins that is the value of this field; returns where it ends. */
  int delimitedEnd() {
    long length = varint();
    if (length < 0 || length > end - at) {
      malformed = true;
    }
    return malformed ? at : at + (int) length;
  }

  /** The text that is the value of this field; empty if it has more than {@code most} bytes. */
  String text(int most) {
    int to = delimitedEnd();
    int from = at;
    at = to;
    return to - from > most ? "" : new String(data, from, to - from, StandardCharsets.UTF_8);
  }

  private void advance(long count) {
    if (count > end - at) {
      malformed = true;
    } else {
      at += (int) count;
    }
  }

  /** Skips the value of this field, a group with all that is in it. */
  void skip() {
    int groups = 0;
    do {
      switch (tag & 7) {
        case VARINT -> varint();
        case FIXED64 -> advance(8);
        case FIXED32 -> advance(4);
        case LENGTH_DELIMITED -> at = delimitedEnd();
        case START_GROUP -> groups++;
        case END_GROUP -> groups--;
        default -> malformed = true;
      }
      malformed |= groups < 0;
    } while (groups > 0 && next(end));
    malformed |= groups > 0;
  }
}
