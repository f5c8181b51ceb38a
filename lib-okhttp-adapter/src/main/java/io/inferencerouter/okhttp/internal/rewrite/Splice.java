package io.inferencerouter.okhttp.internal.rewrite;

/**
 * Bytes that take the place of others.
 *
 * @param start where the bytes are that are replaced
 * @param replaced what they are
 * @param replacement what is written instead
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and never leaves this module
public record Splice(long start, byte[] replaced, byte[] replacement) {
  long end() {
    return start + replaced.length;
  }

  long growth() {
    return (long) replacement.length - replaced.length;
  }
}
