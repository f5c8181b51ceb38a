package io.inferencerouter.core.internal.state;

/**
 * What each request takes of an endpoint however small it is, in input units.
 *
 * <p>An encoder reads its weights once for each batch, which can take as long as a few hundred
 * tokens do. Taken for the work on a few tokens, that time makes an endpoint look slow that had the
 * small inputs, and the router avoids it for good. {@link Hypotheses} tells which of nothing and
 * the powers of four up to 4096 explains the times. It is in units, not in seconds: a faster
 * endpoint does this faster as well.
 */
final class FixedWork {
  /** 0, 1, 4, 16, 64, 256, 1024, 4096. */
  static final int HYPOTHESES = 8;

  private FixedWork() {}

  /** The units of a hypothesis. */
  static float units(int hypothesis) {
    return hypothesis == 0 ? 0 : 1 << (2 * (hypothesis - 1));
  }

  /** The hypothesis of so many units. */
  static int hypothesis(float units) {
    return units == 0 ? 0 : Integer.numberOfTrailingZeros((int) units) / 2 + 1;
  }
}
