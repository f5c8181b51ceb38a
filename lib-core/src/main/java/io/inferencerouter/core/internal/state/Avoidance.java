package io.inferencerouter.core.internal.state;

/**
 * Whether requests go to other endpoints, as far as it can be told here: for how long nothing was
 * observed, and whether the endpoint became slower lately, so that they would have a reason.
 *
 * <p>For one thread at a time, which is the one that recalibrates.
 */
final class Avoidance {
  private float observationsThen;
  private int roundsUnvisited;
  private int roundsOfDoubt;

  /**
   * How many observations there have been since this was last asked.
   *
   * @param observations how many there are now, faded ones counted in part
   */
  float newObservations(float observations) {
    float more = Math.max(0, observations - observationsThen);
    // An observation counts one; what is less is the rounding of two sums that fade
    roundsUnvisited = more > 0.5f ? 0 : roundsUnvisited + 1;
    observationsThen = observations;
    return more;
  }

  /** How often there has been none when it was asked, up to now. */
  int roundsUnvisited() {
    return roundsUnvisited;
  }

  /**
   * Whether the endpoint became slower lately, which may pass. Counts the rounds in which it is
   * asked.
   */
  boolean isSlowerLately() {
    roundsOfDoubt = Math.max(0, roundsOfDoubt - 1);
    return roundsOfDoubt > 0;
  }

  /**
   * The endpoint may have changed.
   *
   * @param rounds for how long it {@link #isSlowerLately}, if it is slower now
   * @param observations how many there are, without what is forgotten because of that
   */
  void shifted(RateShift.Direction direction, int rounds, float observations) {
    observationsThen = observations;
    switch (direction) {
      case NONE -> {}
      case SLOWER -> roundsOfDoubt = rounds;
      case FASTER -> roundsOfDoubt = 0;
    }
  }

  /** Evidence has faded. */
  void fade(float kept) {
    observationsThen *= kept;
  }
}
