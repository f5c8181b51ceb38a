package io.inferencerouter.core;

import java.time.Duration;
import java.util.Objects;

/**
 * How an endpoint that joins others, or comes back to them, gets its share of the requests: little
 * at first, more as it answers and as time passes. Immutable.
 *
 * <pre>
 *   progress = max(time ÷ window, answers ÷ target)
 *   share    = max(floor, progress ^ (1 ÷ aggression))
 * </pre>
 *
 * <p>The share is the part of all decisions in which the endpoint can be chosen, under any
 * selector, in proportion to the largest share among the endpoints of the same model: where all are
 * new, all can be chosen. A request that nobody else can take is never refused because of it.
 */
public final class SlowStart {
  /** The default of {@link Builder#window}, in seconds. */
  public static final int DEFAULT_WINDOW_SECONDS = 30;

  /** The default of {@link Builder#answers}. */
  public static final int DEFAULT_ANSWERS = 64;

  /** The default of {@link Builder#floor}. */
  public static final double DEFAULT_FLOOR = 0.1;

  /** The default of {@link Builder#aggression}. */
  public static final double DEFAULT_AGGRESSION = 1;

  private static final SlowStart NONE = builder().floor(1).build();

  private final Duration window;
  private final int answers;
  private final double floor;
  private final double aggression;

  private SlowStart(Builder builder) {
    window = builder.window;
    answers = builder.answers;
    floor = builder.floor;
    aggression = builder.aggression;
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The defaults. */
  public static SlowStart standard() {
    return builder().build();
  }

  /** Every endpoint gets its full share at once. */
  public static SlowStart none() {
    return NONE;
  }

  /** After how much time an endpoint has its full share. */
  public Duration window() {
    return window;
  }

  /** After how many answers an endpoint has its full share. */
  public int answers() {
    return answers;
  }

  /** The least share. */
  public double floor() {
    return floor;
  }

  /** How fast the share grows in the beginning. */
  public double aggression() {
    return aggression;
  }

  /**
   * The share of an endpoint, {@link #floor} to 1.
   *
   * @param elapsed since it joined or came back
   * @param answered how many requests it has answered since then
   */
  public double share(Duration elapsed, long answered) {
    double byTime = (double) elapsed.toNanos() / window.toNanos();
    double progress = Math.max(0, Math.max(byTime, (double) answered / answers));
    return progress >= 1 ? 1 : Math.max(floor, StrictMath.pow(progress, 1 / aggression));
  }

  @Override
  public String toString() {
    return floor == 1
        ? "SlowStart[none]"
        : "SlowStart["
            + window
            + " or "
            + answers
            + " answers, floor "
            + floor
            + ", aggression "
            + aggression
            + "]";
  }

  /** Builds a {@link SlowStart}. Not safe for use by several threads at once. */
  public static final class Builder {
    private Duration window = Duration.ofSeconds(DEFAULT_WINDOW_SECONDS);
    private int answers = DEFAULT_ANSWERS;
    private double floor = DEFAULT_FLOOR;
    private double aggression = DEFAULT_AGGRESSION;

    private Builder() {}

    /**
     * Sets after how much time an endpoint has its full share, above zero and at most a day; by
     * default {@value #DEFAULT_WINDOW_SECONDS} seconds.
     */
    public Builder window(Duration window) {
      Objects.requireNonNull(window, "window");
      if (window.isNegative() || window.isZero() || window.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException(
            "window: " + window + " (expected: above zero and at most P1D)");
      }
      this.window = window;
      return this;
    }

    /**
     * Sets after how many answers an endpoint has its full share, however little time has passed, 1
     * to 1000000; by default {@value #DEFAULT_ANSWERS}.
     */
    public Builder answers(int answers) {
      if (answers < 1 || answers > 1_000_000) {
        throw new IllegalArgumentException("answers: " + answers + " (expected: 1 to 1000000)");
      }
      this.answers = answers;
      return this;
    }

    /**
     * Sets the least share, 0.001 to 1 (no slow start); by default {@value #DEFAULT_FLOOR}. It is
     * what keeps an endpoint that nobody prefers from never being tried.
     */
    public Builder floor(double floor) {
      if (!(floor >= 0.001 && floor <= 1)) {
        throw new IllegalArgumentException("floor: " + floor + " (expected: 0.001 to 1)");
      }
      this.floor = floor;
      return this;
    }

    /**
     * Sets how fast the share grows in the beginning, 0.1 to 10: in proportion to the progress at
     * 1, faster above that, slower below. By default {@value #DEFAULT_AGGRESSION}.
     */
    public Builder aggression(double aggression) {
      if (!(aggression >= 0.1 && aggression <= 10)) {
        throw new IllegalArgumentException("aggression: " + aggression + " (expected: 0.1 to 10)");
      }
      this.aggression = aggression;
      return this;
    }

    /** Builds the value. */
    public SlowStart build() {
      return new SlowStart(this);
    }
  }
}
