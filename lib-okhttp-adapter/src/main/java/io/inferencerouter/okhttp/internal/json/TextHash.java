package io.inferencerouter.okhttp.internal.json;

import java.nio.charset.StandardCharsets;

/** A short hash of a text: FNV-1a with 64 bits, over its UTF-16 code units. */
final class TextHash implements PromptText {
  private static final long BASIS = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private long hash = BASIS;

  @Override
  public void add(byte[] utf8, int offset, int length) {
    long next = hash;
    int end = offset + length;
    for (int at = offset; at < end; at++) {
      if (utf8[at] < 0) {
        hash = next;
        new String(utf8, at, end - at, StandardCharsets.UTF_8).chars().forEach(c -> add((char) c));
        return;
      }
      next = (next ^ utf8[at]) * PRIME;
    }
    hash = next;
  }

  @Override
  public void add(char unit) {
    hash = (hash ^ unit) * PRIME;
  }

  /** The hash of all that was added, in hexadecimal digits. */
  byte[] digits() {
    return Long.toHexString(hash).getBytes(StandardCharsets.US_ASCII);
  }
}
