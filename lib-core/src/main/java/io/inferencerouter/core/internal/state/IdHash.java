package io.inferencerouter.core.internal.state;

/**
 * A hash of an endpoint's id, by which routers that know nothing of each other agree on an order of
 * endpoints: FNV-1a over 64 bits, taking a character at a time.
 */
final class IdHash {
  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private IdHash() {}

  static long of(String id) {
    long hash = OFFSET;
    for (int i = 0; i < id.length(); i++) {
      hash = (hash ^ id.charAt(i)) * PRIME;
    }
    return hash;
  }

  /**
   * Bits of which each depends on all of a hash (the last step of MurmurHash3), for ids that differ
   * in their last character only.
   */
  static long mixed(long hash) {
    long bits = hash;
    bits = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
    bits = (bits ^ (bits >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return bits ^ (bits >>> 33);
  }
}
