package io.inferencerouter.okhttp.internal.json;

import java.io.ByteArrayOutputStream;

/**
 * The short members of a JSON object that may be very large: texts, numbers and literals. What is
 * long, and what is an object or an array, is left out.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class BodyOutline {
  /** The most that is kept, in bytes. */
  public static final int MAX_SIZE = 64 * 1024;

  private final ByteArrayOutputStream outline = new ByteArrayOutputStream(256);
  private final MemberScanner scanner = new MemberScanner(this::member);

  /**
   * Looks at the next bytes of the object.
   *
   * @return whether more could change anything
   */
  public boolean scan(byte[] data, int from, int to) {
    return scanner.scan(data, from, to);
  }

  private void member(byte[] name, byte[] value, long start, long end) {
    if (name.length > 0
        && value.length > 0
        && outline.size() + name.length + value.length + 3 <= MAX_SIZE) {
      outline.write(outline.size() == 0 ? '{' : ',');
      outline.writeBytes(name);
      outline.write(':');
      outline.writeBytes(value);
    }
  }

  /** An object with the short members that were found so far. */
  public byte[] toBytes() {
    ByteArrayOutputStream object = new ByteArrayOutputStream(outline.size() + 2);
    if (outline.size() == 0) {
      object.write('{');
    }
    object.writeBytes(outline.toByteArray());
    object.write('}');
    return object.toByteArray();
  }
}
