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
}
