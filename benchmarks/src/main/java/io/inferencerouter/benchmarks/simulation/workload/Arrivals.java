package io.inferencerouter.benchmarks.simulation.workload;

/** When requests, or sessions, arrive. Immutable. */
public final class Arrivals {
  /** One course of arrivals. */
  interface Times {
    /** The next arrival, in seconds since the beginning; never before the one before. */
    double nextSeconds();
  }

  private interface Source {
    Times begin(Draws draws);
  }

  private final Source source;

  private Arrivals(Source source) {
    this.source = source;
  }

  /** Many independent people: gaps are exponential. */
  public static Arrivals poisson(double perSecond) {
    Expect.positive("perSecond", perSecond);
    return new Arrivals(draws -> new Renewal(() -> draws.exponential() / perSecond));
  }

  /**
   * Gaps with a gamma distribution.
   *
   * @param variation of the gaps: 0.1 to 20; 1 is Poisson, more comes in clusters, less is regular
   */
  public static Arrivals gamma(double perSecond, double variation) {
    Expect.positive("perSecond", perSecond);
    Expect.within("variation", variation, 0.1, 20);
    double shape = 1 / (variation * variation);
    return new Arrivals(draws -> new Renewal(() -> draws.gamma(shape) / (shape * perSecond)));
  }

  /**
   * Busy and quiet times take turns, each exponentially long; Poisson within each.
   *
   * @param perSecond in the mean over both
   * @param factor how many times more arrive in a busy second than in a quiet one; 1 or more
   * @param busySeconds mean length of a busy time
   * @param quietSeconds mean length of a quiet time
   */
  public static Arrivals bursts(
      double perSecond, double factor, double busySeconds, double quietSeconds) {
    Expect.positive("perSecond", perSecond);
    Expect.within("factor", factor, 1, 1e6);
    Expect.positive("busySeconds", busySeconds);
    Expect.positive("quietSeconds", quietSeconds);
    double quiet = perSecond * (busySeconds + quietSeconds) / (busySeconds * factor + quietSeconds);
    return new Arrivals(
        draws -> new OnOff(draws, quiet * factor, quiet, busySeconds, quietSeconds));
  }

  /**
   * A rate that rises and falls as a sine.
   *
   * @param perSecond in the mean over a period
   * @param swing how far it rises above the mean and falls below it, as a share of it; 0 to 1
   * @param periodSeconds the length of a day
   */
  public static Arrivals diurnal(double perSecond, double swing, double periodSeconds) {
    Expect.positive("perSecond", perSecond);
    Expect.within("swing", swing, 0, 1);
    Expect.positive("periodSeconds", periodSeconds);
    return new Arrivals(draws -> new Diurnal(draws, perSecond, swing, periodSeconds));
  }

  Times begin(Draws draws) {
    return source.begin(draws);
  }

  private interface Gaps {
    double nextSeconds();
  }

  private static final class Renewal implements Times {
    private final Gaps gaps;
    private double now;

    Renewal(Gaps gaps) {
      this.gaps = gaps;
    }

    @Override
    public double nextSeconds() {
      now += gaps.nextSeconds();
      return now;
    }
  }

  /** Gaps are memoryless, so that one that reaches beyond its phase begins anew in the next. */
  private static final class OnOff implements Times {
    private final Draws draws;
    private final double busyRate;
    private final double quietRate;
    private final double busySeconds;
    private final double quietSeconds;
    private boolean busy;
    private double now;
    private double end;

    OnOff(Draws draws, double busyRate, double quietRate, double busySeconds, double quietSeconds) {
      this.draws = draws;
      this.busyRate = busyRate;
      this.quietRate = quietRate;
      this.busySeconds = busySeconds;
      this.quietSeconds = quietSeconds;
      this.end = draws.exponential() * quietSeconds;
    }

    @Override
    public double nextSeconds() {
      while (true) {
        double next = now + draws.exponential() / (busy ? busyRate : quietRate);
        if (next < end) {
          now = next;
          return next;
        }
        now = end;
        busy = !busy;
        end += draws.exponential() * (busy ? busySeconds : quietSeconds);
      }
    }
  }

  /** Thinning: of arrivals at the highest rate so many are kept as the rate of the moment says. */
  private static final class Diurnal implements Times {
    private final Draws draws;
    private final double perSecond;
    private final double swing;
    private final double turnsPerSecond;
    private double now;

    Diurnal(Draws draws, double perSecond, double swing, double periodSeconds) {
      this.draws = draws;
      this.perSecond = perSecond;
      this.swing = swing;
      this.turnsPerSecond = 2 * Math.PI / periodSeconds;
    }

    @Override
    public double nextSeconds() {
      double highest = perSecond * (1 + swing);
      do {
        now += draws.exponential() / highest;
      } while (draws.uniform() * (1 + swing) >= 1 + swing * StrictMath.sin(turnsPerSecond * now));
      return now;
    }
  }
}
