package io.inferencerouter.benchmarks.simulation.server;

/** A modelled endpoint with what can go wrong with it. Each change is effective at once. */
public interface ModelledServer extends Server {
  /**
   * Makes all that it computes from now on take so many times longer, what is under way included;
   * loading a model is not computing.
   *
   * @param factor above 0; 1 is its own speed
   */
  void slow(double factor);

  /**
   * Lets each request that comes from now on fail at once with that probability.
   *
   * @param probability 0 to 1
   */
  void fail(double probability);

  /** It stands still: takes requests in and answers none. */
  void stall();

  /** It goes on where it stood still. */
  void resume();

  /**
   * Lets computing take a random time around its own. The factor is log-normal with a mean of 1 and
   * drawn anew whenever the endpoint decides what to do next; where it covers several steps they
   * are as if each had a factor of its own.
   *
   * @param variation the coefficient of variation of one step, 0 or more
   */
  void noise(double variation);

  /** All that it has is lost, and it refuses what comes until it restarts. */
  void crash();

  /**
   * A new process, which has nothing in its caches and no model in memory; what the old one was
   * doing is lost. A stall is over; slowness, noise and failures stay.
   */
  void restart();
}
