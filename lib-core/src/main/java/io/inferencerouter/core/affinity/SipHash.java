package io.inferencerouter.core.affinity;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * SipHash-1-3: a keyed hash of which nobody without the key can find a collision other than by
 * chance (Aumasson and Bernstein: SipHash, a fast short-input PRF, 2012; one round per word and
 * three at the end, as in the hash tables of Python and Rust). For inputs of whole words; can be
 * asked for the hash of what it has seen, and go on.
 */
final class SipHash {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private long v0;
  private long v1;
  private long v2;
  private long v3;
  private long bytes;

  SipHash(long k0, long k1) {
    v0 = k0 ^ 0x736f6d6570736575L;
    v1 = k1 ^ 0x646f72616e646f6dL;
    v2 = k0 ^ 0x6c7967656e657261L;
    v3 = k1 ^ 0x7465646279746573L;
  }

  /** Takes the next words, of eight bytes each, the first of them lowest. */
  void update(byte[] source, int offset, int words) {
    // The state is in registers as long as it is in local variables.
    long a = v0;
    long b = v1;
    long c = v2;
    long d = v3;
    int end = offset + words * Long.BYTES;
    for (int at = offset; at < end; at += Long.BYTES) {
      long word = (long) WORDS.get(source, at);
      d ^= word;
      a += b;
      b = Long.rotateLeft(b, 13) ^ a;
      a = Long.rotateLeft(a, 32);
      c += d;
      d = Long.rotateLeft(d, 16) ^ c;
      a += d;
      d = Long.rotateLeft(d, 21) ^ a;
      c += b;
      b = Long.rotateLeft(b, 17) ^ c;
      c = Long.rotateLeft(c, 32);
      a ^= word;
    }
    v0 = a;
    v1 = b;
    v2 = c;
    v3 = d;
    bytes += (long) words * Long.BYTES;
  }

  /** The hash of all words so far. */
  long hash() {
    long a = v0;
    long b = v1;
    long c = v2;
    long d = v3;
    long word = bytes << 56;
    d ^= word;
    for (int round = 0; round < 4; round++) {
      a += b;
      b = Long.rotateLeft(b, 13) ^ a;
      a = Long.rotateLeft(a, 32);
      c += d;
      d = Long.rotateLeft(d, 16) ^ c;
      a += d;
      d = Long.rotateLeft(d, 21) ^ a;
      c += b;
      b = Long.rotateLeft(b, 17) ^ c;
      c = Long.rotateLeft(c, 32);
      if (round == 0) { // the last word is in; three more rounds end the hash
        a ^= word;
        c ^= 0xff;
      }
    }
    return a ^ b ^ c ^ d;
  }
}
