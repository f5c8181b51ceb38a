package io.inferencerouter.benchmarks.simulation.server;

/**
 * Turns the time that work takes at an endpoint's own speed into virtual time, and back, while the
 * speed changes. Nanoseconds, with fractions, so that rounding to the loop's time never adds up.
 */
final class WorkClock {
  private double time;
  private double work;
  private double factor = 1;
  private boolean paused;
  private double busy;

  /** Counts work from 0 on. */
  void restart(double now, double newFactor) {
    time = now;
    work = 0;
    factor = newFactor;
  }

  /**
   * Goes on to a time.
   *
   * @param working whether there was work, which is to be counted
   */
  void advance(double now, boolean working) {
    if (working && !paused) {
      busy += now - time;
      work += (now - time) / factor;
    }
    time = now;
  }

  /** Everything takes so many times its own time from now on. */
  void speed(double now, double newFactor, boolean working) {
    advance(now, working);
    factor = newFactor;
  }

  void pause(double now, boolean working) {
    advance(now, working);
    paused = true;
  }

  void resume(double now) {
    time = now;
    paused = false;
  }

  boolean isPaused() {
    return paused;
  }

  double factor() {
    return factor;
  }

  /** How much work is done by then. */
  double workAt(double now) {
    return paused ? work : work + Math.max(0, now - time) / factor;
  }

  /** When so much work is done; infinite while it is paused. */
  double timeOf(double amount) {
    return paused ? Double.POSITIVE_INFINITY : time + (amount - work) * factor;
  }

  /** The time in which work was done. */
  double busyAt(double now, boolean working) {
    return busy + (working && !paused ? Math.max(0, now - time) : 0);
  }
}
