package io.inferencerouter.core.internal.state;

/**
 * How large an input of a model may be for an endpoint, as far as that has shown.
 *
 * <p>Endpoints that serve the same model may differ in how long a context they have memory for.
 * What is too long is refused at once, as a request that is wrong, which says nothing against the
 * endpoint; and so one that is small is free, and would get the next one as well. So an input that
 * is refused, and larger than any that was taken there before, is a limit: as large ones go
 * elsewhere, if there is an endpoint without such a limit.
 *
 * <p>A request may also be refused for another reason, so nothing is concluded from inputs of usual
 * sizes, the limit is lifted when as large an input is taken after all, and it does not stay for
 * ever: after {@value #SECONDS} s in which there were requests, a large input is tried there again.
 *
 * <p>Written and read in plain mode, by several threads: a limit that is seen late costs one more
 * refusal.
 */
final class InputLimit {
  /** No limit. */
  static final float NONE = Float.MAX_VALUE;

  private static final double SECONDS = 1_800;

  private float taken;
  private float refused = NONE;
  private double age;

  /** An input was taken. */
  void took(float units) {
    taken = Math.max(taken, units);
    if (units >= refused) {
      refused = NONE;
    }
  }

  /** An input of no usual size was refused. */
  void refused(float units) {
    if (units > taken) {
      refused = Math.min(refused, units);
      age = 0;
    }
  }

  /** So much time has passed in which the router was not idle. */
  void age(double seconds) {
    age += seconds;
    if (age >= SECONDS) {
      refused = NONE;
    }
  }

  /** The largest input that was taken. */
  float taken() {
    return taken;
  }

  /** The size from which on inputs are refused; {@link #NONE} if none were. */
  float refused() {
    return refused;
  }
}
