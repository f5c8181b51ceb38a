package io.inferencerouter.core.internal.state;

/**
 * How large an input of a model typically is, and from where on one is exceptional. Outlives each
 * set of endpoints.
 *
 * <p>Written and read in plain mode, by several threads: an observation that is lost, or seen late,
 * is one of a sample.
 */
public final class TypicalInput {
  /** So many times the mean is exceptional. */
  private static final float TIMES = 16;

  /** So many times the mean is large. */
  private static final float LARGE_TIMES = 4;

  /** Before there are so many, nothing is exceptional, or large. */
  private static final int FEW = 20;

  /** The mean is of about so many, the newest counting most. */
  private static final int MEMORY = 200;

  private float mean;
  private int seen;

  /** Takes note of an input. */
  public void saw(double units) {
    int count = Math.min(seen + 1, MEMORY);
    mean += (float) ((units - mean) / count);
    seen = count;
  }

  /** Whether an input is of no usual size. */
  public boolean isLarge(double units) {
    return seen >= FEW && units > LARGE_TIMES * mean;
  }

  /** The size above which an input is exceptional, in units. */
  double exceptional() {
    return seen < FEW ? Double.MAX_VALUE : TIMES * mean;
  }
}
