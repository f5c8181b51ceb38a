package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;

/**
 * What an error level counts for where a policy counts requests.
 *
 * <p>An endpoint that fails fast has nothing in flight, and would draw all traffic. So its error
 * level counts as further requests: a full level as {@value #AT_FULL_LEVEL}, less as the square of
 * it. A level below {@value #FORGOTTEN_LEVEL} counts for nothing, since as long as another endpoint
 * is idle, the least bit would be enough to keep all requests away for good.
 */
final class Failures {
  private static final double AT_FULL_LEVEL = 512;
  private static final double FORGOTTEN_LEVEL = 0.25;
  private static final double PER_SQUARED_LEVEL =
      AT_FULL_LEVEL / (Candidates.MAX_ERROR_LEVEL * Candidates.MAX_ERROR_LEVEL);

  private Failures() {}

  /** As how many requests in flight the failures of a candidate count. */
  static double asRequests(Candidates candidates, int index) {
    double level = candidates.errorLevel(index);
    return level < FORGOTTEN_LEVEL ? 0 : level * level * PER_SQUARED_LEVEL;
  }
}
