package io.inferencerouter.core.internal.state;

import java.util.function.LongSupplier;

/**
 * Whether requests go to other endpoints, as far as it can be told here: for how long nothing was
 * observed, and whether the endpoint became slower lately, so that they would have a reason.
 *
 * <h2>Trials</h2>
 *
 * <p>What is believed of an endpoint to which nothing goes may be wrong, and nothing would ever
 * show it. So once {@value #PATIENCE_REQUESTS} requests have come for each endpoint, on average,
 * without one for this, it is taken for faster than it is believed to be: twice as fast for each
 * {@value #DOUBLING_REQUESTS} more, until it gets one. By growing so gradually that is at a time
 * when the others are busy, so that it costs little if the endpoint is as slow as it was believed
 * to be. One request is a trial; others wait for what it shows.
 *
 * <p>If it is not visited regularly then either, it is presumably right that it is avoided, and
 * patience doubles, up to {@value #MAX_TRIALS} times. So an endpoint of which nothing is known is
 * tried soon, and one that is slow by nature once in several hundred requests for each endpoint.
 *
 * <p>One of many routers before the same endpoints sees only its part of the requests. If all
 * waited for as many of their own, the endpoint would be left alone by all of them for that many
 * times longer, and then be tried by all of them at once. So the tempo of each wait is drawn anew:
 * the numbers above are the longest it takes, and anything shorter is as likely. Of many routers
 * one is early. However fast the tempo, the endpoint is taken for twice as fast at most once in a
 * round, so that others have a chance to be busy.
 *
 * <p>For one thread at a time, which is the one that recalibrates.
 */
final class Avoidance {
  private static final double PATIENCE_REQUESTS = 64;
  private static final double DOUBLING_REQUESTS = 64;
  private static final int MAX_TRIALS = 2;

  /** So many tempos are equally likely; a power of two. */
  private static final int TEMPOS = 64;

  /** An observation counts one; what is less is the rounding of two sums that fade. */
  private static final float LEAST_OBSERVED = 0.5f;

  /** Who gets this part of the average is visited regularly. */
  private static final double REGULAR = 0.25;

  private float observationsThen;
  private float newest;
  private boolean isOccupied;
  private int roundsUnvisited;
  private double requestsUnvisited;
  private double tempo;
  private int trials;
  private int roundsOfDoubt;

  /**
   * How many observations there have been since this was last asked.
   *
   * @param observations how many there are now, faded ones counted in part
   */
  float newObservations(float observations) {
    newest = Math.max(0, observations - observationsThen);
    observationsThen = observations;
    return newest;
  }

  /**
   * Ends a round.
   *
   * @param requests how many have come for each endpoint, on average, since the last round
   * @param random what tempos are drawn from
   */
  void passed(double requests, LongSupplier random) {
    if (newest <= LEAST_OBSERVED) {
      if (isLeftToWork()) {
        return;
      }
      if (requestsUnvisited == 0) {
        tempo = (double) TEMPOS / (1 + (random.getAsLong() & (TEMPOS - 1)));
      }
      roundsUnvisited++;
      requestsUnvisited += Math.min(tempo * requests, DOUBLING_REQUESTS);
      return;
    }
    boolean isTrial = isOverdue();
    if (isTrial) {
      trials = Math.min(trials + 1, MAX_TRIALS);
    }
    if (!isTrial || roundsOfDoubt == 0) {
      roundsUnvisited = 0; // in doubt, what a trial has shown is to count for more than the past
    }
    if (newest >= REGULAR * requests) {
      trials = 0;
    }
    requestsUnvisited = 0;
  }

  /**
   * Takes note of whether it works on what has come to it. As long as it does, nobody has to try
   * whether it is as slow as it seems, unless it became so lately.
   */
  void occupied(boolean isOccupied) {
    this.isOccupied = isOccupied;
  }

  private boolean isLeftToWork() {
    return isOccupied && roundsOfDoubt == 0;
  }

  /** Nobody avoids it: requests cannot go there for now. */
  void excused() {
    requestsUnvisited = 0;
  }

  private double patience() {
    return PATIENCE_REQUESTS * (1 << trials);
  }

  private boolean isOverdue() {
    return requestsUnvisited > patience();
  }

  /** The factor on its times by which the endpoint is to be tried again; 1 if it is not to be. */
  double optimism() {
    return isOverdue() && !isLeftToWork()
        ? StrictMath.pow(2, (patience() - requestsUnvisited) / DOUBLING_REQUESTS)
        : 1;
  }

  /** In how many rounds up to now there was none that counts. */
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
