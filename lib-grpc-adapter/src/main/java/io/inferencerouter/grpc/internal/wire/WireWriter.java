package io.inferencerouter.grpc.internal.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the wire format of protocol buffers. Values that are the default, 0 or empty, are left
 * out, as proto3 does.
 */
final class WireWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(64);

  WireWriter integer(int number, long value) {
    if (value != 0) {
      varint((long) number << 3 | WireReader.VARINT);
      varint(value);
    }
    return this;
  }

  WireWriter text(int number, String value) {
    return value.isEmpty() ? this : message(number, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Also an empty message is written: it says that it is there. */
  WireWriter message(int number, byte[] value) {
    varint((long) number << 3 | WireReader.DELIMITED);
    varint(value.length);
    out.writeBytes(value);
    return this;
  }

  private void varint(long value) {
    long left = value;
    while ((left & ~0x7FL) != 0) {
      out.write((int) ((left & 0x7F) | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
