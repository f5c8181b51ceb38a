package io.inferencerouter;

import java.util.Locale;
import java.util.Objects;

/** Why an endpoint is kept from requests for a while, with what was observed. Immutable. */
public final class EjectionReason {
  /** The kinds of reason. */
  public enum Cause {
    /** Somebody called {@link InferenceRouter#eject}. */
    REQUESTED("requested", ""),
    /** Too many failures in a row. */
    CONSECUTIVE_FAILURES("failures in a row", "%.0f"),
    /** A larger share of its requests fails than on the other endpoints. */
    FAILURE_RATE("failure rate against the other endpoints", "%.3f"),
    /** It takes longer than predicted, by a larger factor than the other endpoints. */
    LATENCY("latency over prediction, against the other endpoints", "%.2f"),
    /** Its circuit breaker has opened: too large a share of its requests fails. */
    BREAKER_OPEN("failure rate at the circuit breaker", "%.3f"),
    /** It has refused a request for reasons of quota; observed is the wait in seconds. */
    RATE_LIMITED("rate limited, seconds", "%.3f"),
    /** Probes of it fail. */
    PROBES_FAILED("failed probes in a row", "%.0f");

    private final String description;
    private final String format;

    Cause(String description, String format) {
      this.description = description;
      this.format = format;
    }

    /**
     * Whether such an ejection is a matter of health: the endpoint has to prove itself when it
     * comes back.
     */
    public boolean isHealth() {
      return this != REQUESTED && this != RATE_LIMITED;
    }
  }

  private final Cause cause;
  private final double observed;
  private final double limit;

  private EjectionReason(Cause cause, double observed, double limit) {
    this.cause = Objects.requireNonNull(cause, "cause");
    this.observed = observed;
    this.limit = limit;
  }

  /**
   * A reason.
   *
   * @param observed what was seen, in the unit of the cause
   * @param limit from where on that is too much
   */
  public static EjectionReason of(Cause cause, double observed, double limit) {
    return new EjectionReason(cause, observed, limit);
  }

  /** Somebody asked for it. */
  public static EjectionReason requested() {
    return new EjectionReason(Cause.REQUESTED, 0, 0);
  }

  /** The kind of reason. */
  public Cause cause() {
    return cause;
  }

  /** What was seen, in the unit of the cause; 0 for {@link Cause#REQUESTED}. */
  public double observed() {
    return observed;
  }

  /** From where on what was seen is too much; 0 for {@link Cause#REQUESTED}. */
  public double limit() {
    return limit;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EjectionReason that
        && cause == that.cause
        && Double.compare(observed, that.observed) == 0
        && Double.compare(limit, that.limit) == 0;
  }

  @Override
  public int hashCode() {
    return Objects.hash(cause, observed, limit);
  }

  @Override
  public String toString() {
    return cause == Cause.REQUESTED
        ? cause.description
        : String.format(
            Locale.ROOT,
            "%s: " + cause.format + " (limit " + cause.format + ")",
            cause.description,
            observed,
            limit);
  }
}
