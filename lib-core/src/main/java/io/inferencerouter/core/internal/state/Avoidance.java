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
   * How often this has been asked since anything was observed.
   *
   * @param observations how many there are now, faded ones counted in part
   */
  int roundsUnvisited(float observations) {
    // An observation counts one; what is less is the rounding of two sums that fade
    roundsUnvisited = observations > observationsThen + 0.5f ? 0 : roundsUnvisited + 1;
    observationsThen = observations;
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
   */
  void shifted(RateShift.Direction direction, int rounds) {
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
