package io.inferencerouter.okhttp.internal.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Shows the text of JSON strings from where they stand in the body. What has no escape in it is
 * UTF-8 already, and need neither be decoded nor, unless it is short, copied.
 *
 * <p>Of a string that is not well-formed anything may be shown; it is for the parser to refuse it.
 * Not safe for use by several threads at once.
 */
final class JsonText {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long EACH_BYTE = 0x0101_0101_0101_0101L;
  private static final long HIGHEST_BITS = 0x8080_8080_8080_8080L;

  /** What is shorter is collected, in bytes. */
  private static final int SHORT = 64;

  private static final int MOST_COLLECTED = 512;
  private static final byte[] NOTHING = {};

  private final byte[] json;
  private final int to;
  private byte[] collected = NOTHING;
  private int count;

  /**
   * For the strings of a body.
   *
   * @param json UTF-8, from index 0
   * @param length how many bytes the body has
   */
  JsonText(byte[] json, int length) {
    this.json = json;
    this.to = length;
  }

  /**
   * Shows a string.
   *
   * @param from where it begins, behind its quotation mark
   * @return how long it is, in UTF-16 code units
   */
  long show(int from, PromptText text) {
    long units = 0;
    int at = from;
    while (true) {
      int end = endOfRun(at);
      units += units(at, end);
      boolean escaped = end + 1 < to && json[end] == '\\';
      boolean isAll = !escaped && count == 0;
      if (isAll || end - at >= SHORT) {
        showCollected(text);
        showInPlace(at, end, text);
      } else {
        collect(at, end, text);
      }
      if (!escaped) {
        showCollected(text);
        return units;
      }
      collect(unescaped(end + 1), text);
      units++;
      at = end + (json[end + 1] == 'u' ? 6 : 2);
    }
  }

  /**
   * Shows a value as it is written.
   *
   * @return how long it is, in UTF-16 code units
   */
  long showAsWritten(int from, int end, PromptText text) {
    text.add(json, from, end - from);
    return units(from, end);
  }

  /** Shows a whole number. */
  void showNumber(int from, PromptText text) {
    int end = from + 1;
    while (end < to && json[end] >= '0' && json[end] <= '9') {
      end++;
    }
    text.add(json, from, end - from);
  }

  private void showInPlace(int from, int end, PromptText text) {
    if (end > from) {
      text.add(json, from, end - from);
    }
  }

  private void collect(int from, int end, PromptText text) {
    int length = end - from;
    makeRoom(length, text);
    System.arraycopy(json, from, collected, count, length);
    count += length;
  }

  private void collect(char unit, PromptText text) {
    if (unit >= 0x80) {
      showCollected(text);
      text.add(unit);
      return;
    }
    makeRoom(1, text);
    collected[count++] = (byte) unit;
  }

  /** Makes room for so many bytes, which are few. */
  private void makeRoom(int bytes, PromptText text) {
    if (bytes > collected.length - count) {
      showCollected(text);
      if (collected.length == 0) {
        collected = new byte[MOST_COLLECTED];
      }
    }
  }

  private void showCollected(PromptText text) {
    if (count > 0) {
      text.add(collected, 0, count);
      count = 0;
    }
  }

  /** Where the next quotation mark or backslash is, or else the end. */
  private int endOfRun(int from) {
    int at = from;
    for (; at <= to - Long.BYTES; at += Long.BYTES) {
      long word = (long) WORDS.get(json, at);
      long found = zeros(word ^ '"' * EACH_BYTE) | zeros(word ^ '\\' * EACH_BYTE);
      if (found != 0) {
        return at + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
    }
    while (at < to && json[at] != '"' && json[at] != '\\') {
      at++;
    }
    return at;
  }

  /** Marks the bytes that are zero. Bytes above one of them may be marked as well. */
  private static long zeros(long word) {
    return (word - EACH_BYTE) & ~word & HIGHEST_BITS;
  }

  /** The UTF-16 code units: one for each character, and two for one of four bytes. */
  private long units(int from, int end) {
    long units = (long) end - from;
    int at = from;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      long word = (long) WORDS.get(json, at);
      if ((word & HIGHEST_BITS) != 0) {
        units += surplus(word);
      }
    }
    for (; at < end; at++) {
      if (json[at] < 0) {
        units += surplus(json[at] & 0xFF);
      }
    }
    return units;
  }

  /** How many more units than bytes there are: less for each continuation, more for each pair. */
  private static int surplus(long bytes) {
    long continuations = bytes & ~(bytes << 1) & HIGHEST_BITS;
    long pairs = bytes & (bytes << 1) & (bytes << 2) & (bytes << 3) & HIGHEST_BITS;
    return Long.bitCount(pairs) - Long.bitCount(continuations);
  }

  /** What an escape stands for, of which the backslash is left out. */
  private char unescaped(int at) {
    return switch (json[at]) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> hexadecimal(at + 1, Math.min(at + 5, to));
      default -> (char) json[at];
    };
  }

  private char hexadecimal(int from, int end) {
    int value = 0;
    for (int at = from; at < end; at++) {
      value = value << 4 | (Character.digit(json[at], 16) & 0xF);
    }
    return (char) value;
  }
}
