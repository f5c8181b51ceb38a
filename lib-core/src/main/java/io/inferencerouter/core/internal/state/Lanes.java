package io.inferencerouter.core.internal.state;

/**
 * How many requests an endpoint works on side by side, where nobody has declared it.
 *
 * <p>What is ahead of a request delays it if the endpoint takes one after the other, and hardly if
 * it takes four at a time and three are there. {@link Hypotheses} tells which power of two up to 32
 * explains the times. As long as there is nothing to tell them apart, because endpoints are hardly
 * busy or because other clients have most of the traffic, that is one.
 */
public final class Lanes {
  /** 1, 2, 4, 8, 16, 32. */
  static final int HYPOTHESES = 6;

  private Lanes() {}

  /** The number of lanes of a hypothesis. */
  static int of(int hypothesis) {
    return 1 << hypothesis;
  }

  /**
   * Which share of the work that is reserved by {@code requests} is ahead of the next request. Of
   * what is being worked on, half is done on average.
   */
  public static float ahead(int lanes, int requests) {
    return requests < lanes || requests == 0
        ? 0
        : (1 - 0.5f * Math.min(requests, lanes) / requests) / lanes;
  }
}
