package io.inferencerouter.core;

import java.time.Duration;
import java.util.Objects;

/**
 * When a lease that is out counts as lost, and what is done to find the one who has lost it.
 * Immutable.
 *
 * <p>A lease that gives no sign of life for {@linkplain Builder#maxLeaseAge the maximum age} has
 * been forgotten: nobody completes it, or closes the response that it belongs to. It is ended then,
 * what it holds goes back to its endpoint, and the listeners are {@linkplain
 * io.inferencerouter.RouterListener#leaseReclaimed told} once. Signs of life are the acquisition,
 * the first token and progress; completing such a lease later is harmless.
 *
 * <p>Watched are the leases of streaming requests and those whose transport {@linkplain
 * io.inferencerouter.Lease#onRevoked can be told}, as those of the adapters; others {@linkplain
 * Builder#watchesAll if asked for}, as they are usually completed within one method, and watching
 * costs each some nanoseconds.
 */
public final class LeakPolicy {
  /** The default of {@link Builder#maxLeaseAge}, in minutes. */
  public static final int DEFAULT_MAX_LEASE_AGE_MINUTES = 60;

  private static final LeakPolicy NONE = new LeakPolicy(builder(), false);

  private final boolean enabled;
  private final Duration maxLeaseAge;
  private final boolean watchesAll;
  private final boolean recordsAcquisition;

  private LeakPolicy(Builder builder, boolean enabled) {
    this.enabled = enabled;
    maxLeaseAge = builder.maxLeaseAge;
    watchesAll = builder.watchesAll;
    recordsAcquisition = builder.recordsAcquisition;
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The defaults. */
  public static LeakPolicy standard() {
    return builder().build();
  }

  /** No lease ever counts as lost. */
  public static LeakPolicy none() {
    return NONE;
  }

  /** Whether any lease may count as lost. */
  public boolean isEnabled() {
    return enabled;
  }

  /** For how long a lease may give no sign of life. */
  public Duration maxLeaseAge() {
    return maxLeaseAge;
  }

  /** Whether all leases are watched. */
  public boolean watchesAll() {
    return enabled && watchesAll;
  }

  /** Whether it is recorded where watched leases are acquired. */
  public boolean recordsAcquisition() {
    return enabled && recordsAcquisition;
  }

  @Override
  public String toString() {
    return enabled
        ? "LeakPolicy["
            + maxLeaseAge
            + (watchesAll ? ", all leases" : "")
            + (recordsAcquisition ? ", acquisition recorded" : "")
            + "]"
        : "LeakPolicy[none]";
  }

  /** Builds a {@link LeakPolicy}. Not safe for use by several threads at once. */
  public static final class Builder {
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofDays(365);

    private Duration maxLeaseAge = Duration.ofMinutes(DEFAULT_MAX_LEASE_AGE_MINUTES);
    private boolean watchesAll;
    private boolean recordsAcquisition;

    private Builder() {}

    /**
     * Sets for how long a lease may give no sign of life, 100 ms to a year; by default {@value
     * #DEFAULT_MAX_LEASE_AGE_MINUTES} minutes. Longer than any request can take.
     */
    public Builder maxLeaseAge(Duration maxLeaseAge) {
      Objects.requireNonNull(maxLeaseAge, "maxLeaseAge");
      if (maxLeaseAge.compareTo(SHORTEST) < 0 || maxLeaseAge.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            "maxLeaseAge: " + maxLeaseAge + " (expected: PT0.1S to P365D)");
      }
      this.maxLeaseAge = maxLeaseAge;
      return this;
    }

    /** Sets whether all leases are watched; by default those of streams and of transports are. */
    public Builder watchesAll(boolean watchesAll) {
      this.watchesAll = watchesAll;
      return this;
    }

    /**
     * Sets whether the stack trace of each acquisition of a watched lease is recorded, so that a
     * leak can be found; by default it is not, for it takes microseconds.
     */
    public Builder recordsAcquisition(boolean recordsAcquisition) {
      this.recordsAcquisition = recordsAcquisition;
      return this;
    }

    /** Builds the policy. */
    public LeakPolicy build() {
      return new LeakPolicy(this, true);
    }
  }
}
