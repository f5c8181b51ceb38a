package io.inferencerouter.core;

import java.time.Duration;
import java.util.Objects;

/**
 * When a streaming request counts as stalled, and what is done then. Immutable.
 *
 * <pre>
 *   before the first token   idle &gt; clamp({@link Builder#firstTokenFactor firstTokenFactor} · predicted time to it, {@link Builder#firstTokenBounds bounds})
 *   after it                 idle &gt; clamp({@link Builder#rhythmFactor rhythmFactor} · rhythm of this stream, {@link Builder#streamBounds bounds})
 * </pre>
 *
 * <p>The rhythm of a stream is the longest pause that it has made so far, fading with the time
 * since then, so that a stream which is slow, or comes in bursts, is measured by itself. As long as
 * it has made hardly any, its time to the first token and the learned speed of its endpoint stand
 * in.
 *
 * <p>Each stall is told of once, with its numbers. Before the first token the attempt is also given
 * up, if its transport {@linkplain io.inferencerouter.Lease#onRevoked can}, and made elsewhere, if
 * that is safe and as soon as another endpoint has room for it; until then it goes on. After it
 * that would cost the caller what he has received, so the stream is ended only if {@linkplain
 * Builder#endsStreams asked for}.
 *
 * <p>Streams are looked at a few times within the shortest of these bounds, so a stall is found out
 * up to a quarter of it late, and never early. Time in which the caller holds the answer back, or
 * in which this process itself stood still, does not count.
 */
public final class StallPolicy {
  /** The default of {@link Builder#rhythmFactor}. */
  public static final double DEFAULT_RHYTHM_FACTOR = 8;

  /** The default of the lower of the {@link Builder#streamBounds}, in seconds. */
  public static final int DEFAULT_MIN_IDLE_SECONDS = 2;

  /** The default of the upper of the {@link Builder#streamBounds}, in seconds. */
  public static final int DEFAULT_MAX_IDLE_SECONDS = 60;

  /** The default of {@link Builder#firstTokenFactor}. */
  public static final double DEFAULT_FIRST_TOKEN_FACTOR = 8;

  /** The default of the lower of the {@link Builder#firstTokenBounds}, in seconds. */
  public static final int DEFAULT_MIN_FIRST_TOKEN_SECONDS = 10;

  /** The default of the upper of the {@link Builder#firstTokenBounds}, in seconds. */
  public static final int DEFAULT_MAX_FIRST_TOKEN_SECONDS = 120;

  private static final StallPolicy NONE = new StallPolicy(builder(), false);

  private final boolean enabled;
  private final double rhythmFactor;
  private final Duration minIdle;
  private final Duration maxIdle;
  private final double firstTokenFactor;
  private final Duration minFirstToken;
  private final Duration maxFirstToken;
  private final boolean endsStreams;

  private StallPolicy(Builder builder, boolean enabled) {
    this.enabled = enabled;
    rhythmFactor = builder.rhythmFactor;
    minIdle = builder.minIdle;
    maxIdle = builder.maxIdle;
    firstTokenFactor = builder.firstTokenFactor;
    minFirstToken = builder.minFirstToken;
    maxFirstToken = builder.maxFirstToken;
    endsStreams = builder.endsStreams;
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The defaults. */
  public static StallPolicy standard() {
    return builder().build();
  }

  /** No stream ever counts as stalled. */
  public static StallPolicy none() {
    return NONE;
  }

  /** Whether any stream may count as stalled. */
  public boolean isEnabled() {
    return enabled;
  }

  /** How long a stream with this rhythm may make no progress. */
  public Duration idleLimit(Duration rhythm) {
    return clamp(rhythmFactor, rhythm, minIdle, maxIdle);
  }

  /** How long a request with this prediction may take to its first token. */
  public Duration firstTokenLimit(Duration predicted) {
    return clamp(firstTokenFactor, predicted, minFirstToken, maxFirstToken);
  }

  private static Duration clamp(double factor, Duration time, Duration min, Duration max) {
    Duration scaled = Duration.ofNanos((long) (factor * time.toNanos())); // saturates
    if (scaled.compareTo(min) < 0) {
      return min;
    }
    return scaled.compareTo(max) > 0 ? max : scaled;
  }

  /** The shortest time without progress that may count as a stall. */
  public Duration shortestLimit() {
    return minIdle.compareTo(minFirstToken) < 0 ? minIdle : minFirstToken;
  }

  /** The longest time that a stream may make no progress. */
  public Duration longestIdle() {
    return maxIdle;
  }

  /** Whether streams that stall after their first token are ended. */
  public boolean endsStreams() {
    return endsStreams;
  }

  @Override
  public String toString() {
    return enabled
        ? String.format(
            "StallPolicy[first token %s · predicted, %s to %s; stream %s · rhythm, %s to %s%s]",
            firstTokenFactor,
            minFirstToken,
            maxFirstToken,
            rhythmFactor,
            minIdle,
            maxIdle,
            endsStreams ? ", ended" : "")
        : "StallPolicy[none]";
  }

  /** Builds a {@link StallPolicy}. Not safe for use by several threads at once. */
  public static final class Builder {
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofDays(1);

    private double rhythmFactor = DEFAULT_RHYTHM_FACTOR;
    private Duration minIdle = Duration.ofSeconds(DEFAULT_MIN_IDLE_SECONDS);
    private Duration maxIdle = Duration.ofSeconds(DEFAULT_MAX_IDLE_SECONDS);
    private double firstTokenFactor = DEFAULT_FIRST_TOKEN_FACTOR;
    private Duration minFirstToken = Duration.ofSeconds(DEFAULT_MIN_FIRST_TOKEN_SECONDS);
    private Duration maxFirstToken = Duration.ofSeconds(DEFAULT_MAX_FIRST_TOKEN_SECONDS);
    private boolean endsStreams;

    private Builder() {}

    /**
     * Sets how many times its own rhythm a stream may make no progress, 1 to 1000; by default
     * {@value #DEFAULT_RHYTHM_FACTOR}.
     */
    public Builder rhythmFactor(double factor) {
      rhythmFactor = factor("rhythmFactor", factor);
      return this;
    }

    /**
     * Sets how long a stream may make no progress at least, and at most, whatever its rhythm, 10 ms
     * to a day; by default {@value #DEFAULT_MIN_IDLE_SECONDS} s and {@value
     * #DEFAULT_MAX_IDLE_SECONDS} s.
     */
    public Builder streamBounds(Duration min, Duration max) {
      requireBounds("streamBounds", min, max);
      minIdle = min;
      maxIdle = max;
      return this;
    }

    /**
     * Sets how many times its predicted time to the first token a request may take to it, 1 to
     * 1000; by default {@value #DEFAULT_FIRST_TOKEN_FACTOR}.
     */
    public Builder firstTokenFactor(double factor) {
      firstTokenFactor = factor("firstTokenFactor", factor);
      return this;
    }

    /**
     * Sets how long a request may take to its first token at least, and at most, whatever was
     * predicted, 10 ms to a day; by default {@value #DEFAULT_MIN_FIRST_TOKEN_SECONDS} s and {@value
     * #DEFAULT_MAX_FIRST_TOKEN_SECONDS} s.
     */
    public Builder firstTokenBounds(Duration min, Duration max) {
      requireBounds("firstTokenBounds", min, max);
      minFirstToken = min;
      maxFirstToken = max;
      return this;
    }

    /**
     * Sets whether a stream that stalls after its first token is ended, as timed out, if its
     * transport can do that; by default it is only told of.
     */
    public Builder endsStreams(boolean endsStreams) {
      this.endsStreams = endsStreams;
      return this;
    }

    private static double factor(String name, double factor) {
      if (!(factor >= 1 && factor <= 1000)) {
        throw new IllegalArgumentException(name + ": " + factor + " (expected: 1 to 1000)");
      }
      return factor;
    }

    private static void requireBounds(String name, Duration min, Duration max) {
      Objects.requireNonNull(min, "min");
      if (min.compareTo(SHORTEST) < 0 || max.compareTo(min) < 0 || max.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            name
                + ": "
                + min
                + " to "
                + max
                + " (expected: PT0.01S to PT24H, the lower one not above the upper one)");
      }
    }

    /** Builds the policy. */
    public StallPolicy build() {
      return new StallPolicy(this, true);
    }
  }
}
