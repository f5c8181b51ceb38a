package io.inferencerouter.core.internal.state;

/**
 * The work on an endpoint that this router knows nothing of, as that of other routers: how often
 * and how long its requests had to wait behind inputs that were none of its own.
 *
 * <p>What counts is only what an exceptional input explains: see {@link TypicalRequest}. A request
 * that is late by less, or by less than a multiple of what was predicted, met nothing unseen.
 * Predictions are not so exact, and the usual work of others is part of the learned speeds.
 *
 * <p>Work is in units of input, so that it can be compared between endpoints of different speed.
 *
 * <p>Written and read in plain mode, by several threads: an observation that is lost is one of a
 * sample.
 */
public final class UnseenWork {
  /** So many times as long as predicted is still no wonder. */
  private static final double TIMES = 2;

  private float visits;
  private float blocked;
  private float units;

  /**
   * Learns from the time to the first output of a request of usual size.
   *
   * @param seconds until then
   * @param predicted at most, with all that was ahead of it
   * @param exceptional the seconds that the smallest exceptional input takes
   * @param secondsPerUnit the speed of the endpoint
   * @return the seconds that were spent on unseen work
   */
  public double met(double seconds, double predicted, double exceptional, double secondsPerUnit) {
    double unseen = seconds - TIMES * predicted;
    visits++;
    if (!(unseen > exceptional)) {
      return 0;
    }
    blocked++;
    units += (float) (unseen / secondsPerUnit);
    return unseen;
  }

  /** Forgets all but a share. */
  void fade(float kept) {
    visits *= kept;
    blocked *= kept;
    units *= kept;
  }

  /** How many requests have told something. */
  float visits() {
    return visits;
  }

  /** How many of them waited behind something unseen. */
  float blocked() {
    return blocked;
  }

  /** For how much of it they waited, together. */
  float units() {
    return units;
  }
}
