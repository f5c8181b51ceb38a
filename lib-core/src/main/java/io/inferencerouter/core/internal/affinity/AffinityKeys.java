package io.inferencerouter.core.internal.affinity;

/**
 * Turns texts and keys into well mixed 64-bit keys. The salt keeps the keys of models, tenants and
 * routers apart; one that callers cannot know also keeps them from aiming at each other's entries.
 */
public final class AffinityKeys {
  /** Constants of wyrand and of the 64-bit finalizer of MurmurHash3 (variant 13 of D. Stafford). */
  private static final long WORD = 0xa0761d6478bd642fL;

  private static final long LENGTH = 0xe7037ed1a0b428dbL;
  private static final long FIRST = 0xbf58476d1ce4e5b9L;
  private static final long SECOND = 0x94d049bb133111ebL;

  private AffinityKeys() {}

  /** The key of a text, such as the name of a session or of a model. Allocates nothing. */
  public static long of(CharSequence text, long salt) {
    int length = text.length();
    long state = mix(length * LENGTH, salt);
    int at = 0;
    for (; at + 4 <= length; at += 4) {
      long word =
          text.charAt(at)
              | (long) text.charAt(at + 1) << 16
              | (long) text.charAt(at + 2) << 32
              | (long) text.charAt(at + 3) << 48;
      state = fold(state, word);
    }
    long rest = 0;
    for (; at < length; at++) {
      rest = rest << 16 | text.charAt(at);
    }
    return mix(fold(state, rest), salt);
  }

  /** A key of its own for each key and salt; every bit of both counts. */
  public static long mix(long key, long salt) {
    long mixed = key ^ Long.rotateLeft(salt * WORD, 32) ^ salt;
    mixed = (mixed ^ (mixed >>> 30)) * FIRST;
    mixed = (mixed ^ (mixed >>> 27)) * SECOND;
    return mixed ^ (mixed >>> 31);
  }

  private static long fold(long state, long word) {
    long other = state ^ LENGTH;
    long mixed = (state ^ word) * WORD;
    return (mixed ^ (mixed >>> 32)) * FIRST + Long.rotateLeft(other, 23);
  }
}
