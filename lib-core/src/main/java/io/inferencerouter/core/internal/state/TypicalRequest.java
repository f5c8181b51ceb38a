package io.inferencerouter.core.internal.state;

/**
 * How large the requests to a model typically are, and from where on an input is exceptional.
 * Outlives each set of endpoints.
 *
 * <p>Written and read in plain mode, by several threads: an observation that is lost, or seen late,
 * is one of a sample. Should a virtual machine write the halves of a double one by one, then the
 * upper half decides.
 */
public final class TypicalRequest {
  /** So many times the mean input is exceptional. */
  private static final float TIMES = 16;

  /** So many times the mean input is large. */
  private static final float LARGE_TIMES = 4;

  /** Before there are so many, nothing is exceptional, or large. */
  private static final int FEW = 20;

  /** The part of a burden that does not go by context. */
  private static final double SAME = 0.5;

  /** The mean is of about so many, the newest counting most. */
  private static final int MEMORY = 200;

  private float meanInput;
  private float meanContext;
  private int usualContext;

  /** The inverse of that; before there is a mean, of the first context; 0 before that. */
  private double perContext;

  private int seen;

  /**
   * Takes note of a request.
   *
   * @param input its input units
   * @param context see {@link Generation#contextOf}
   */
  public void saw(double input, int context) {
    int count = Math.min(seen + 1, MEMORY);
    meanInput += (float) ((input - meanInput) / count);
    meanContext += (context - meanContext) / count;
    perContext = 1.0 / meanContext;
    usualContext = (int) meanContext;
    seen = count;
  }

  /** Takes note of a request that is sent, so that there is something to compare others with. */
  public void sent(int context) {
    if (perContext == 0) {
      perContext = 1.0 / context;
      usualContext = context;
    }
  }

  /** How many requests of usual context a context is as much as; 0 before any was sent. */
  public double asMany(int context) {
    return context * perContext;
  }

  /**
   * What a request does to each of those beside it, relative to the usual request: a part is the
   * same for all, a part goes by its context, and no request does more than the usual one. In full
   * proportion, long inputs would go to slow endpoints, where few are beside them, and where their
   * first output takes twice as long.
   *
   * @return {@value #SAME} to 1
   */
  public double burden(int context) {
    return SAME + (1 - SAME) * perContext * Math.min(context, usualContext);
  }

  /** Whether an input is of no usual size. */
  public boolean isLarge(double units) {
    return seen >= FEW && units > LARGE_TIMES * meanInput;
  }

  /** The size above which an input is exceptional, in units. */
  double exceptional() {
    return seen < FEW ? Double.MAX_VALUE : TIMES * meanInput;
  }
}
