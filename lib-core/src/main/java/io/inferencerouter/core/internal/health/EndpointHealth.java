package io.inferencerouter.core.internal.health;

import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.internal.state.AnswerTally;
import io.inferencerouter.core.internal.state.EndpointState;
import io.inferencerouter.core.internal.state.EndpointState.Beginning;
import java.time.Duration;

/**
 * What is remembered of the health of one endpoint, beside the few words that requests change: how
 * it did lately, how often it was ejected, and its breaker. For use by one thread at a time.
 */
final class EndpointHealth {
  /** A smaller share of failures does not disturb the calm: of many requests some always fail. */
  private static final double CALM_FAILURE_RATE = 0.01;

  final EndpointState state;
  final Breaker breaker;

  private final HealthPolicy policy;
  private Beginning beginning;
  private int answersThen;
  private int failuresThen;
  private double answers;
  private double failures;
  private boolean away;
  private int ejections;
  private long calmSinceNanos;
  private long calmAnswers;
  private long lastEjectionNanos;
  private int rateLimits;
  private boolean wasRateLimited;
  private long rateLimitedSinceNanos;
  private long rateLimitedUntilNanos;
  private long lastBackOffNanos;
  private boolean withheld;

  EndpointHealth(EndpointState state, HealthPolicy policy, long nowNanos) {
    this.state = state;
    this.beginning = state.beginning();
    this.answersThen = beginning.answers();
    this.failuresThen = beginning.failures();
    this.policy = policy;
    this.breaker = new Breaker(policy);
    this.calmSinceNanos = nowNanos;
    this.rateLimitedUntilNanos = nowNanos;
  }

  /**
   * Takes note of what has happened since this was last called.
   *
   * @param kept the share of what was remembered that is not forgotten by now
   */
  void observe(boolean routable, boolean ejectedForHealth, double kept, long nowNanos) {
    boolean anew = beginsAnew();
    int answersNow = AnswerTally.count(state.work.answersWord());
    int failuresNow = state.work.failures();
    // A count that was set back by a race is no answer; the next difference starts from there.
    int newAnswers = Math.max(0, answersNow - answersThen);
    int newFailures = Math.max(0, failuresNow - failuresThen);
    answersThen = answersNow;
    failuresThen = failuresNow;
    if (ejectedForHealth) {
      away = true;
      breaker.open();
    } else if (routable) {
      if (anew && !away) {
        breaker.reset();
      }
      if (away || anew) {
        away = false;
        answers = 0;
        failures = 0;
        calmSinceNanos = nowNanos;
        calmAnswers = 0;
        breaker.halfOpen();
      }
      answers = kept * answers + newAnswers;
      failures = kept * failures + newFailures;
      breaker.tell(newAnswers, newFailures);
      forgive(newAnswers, newFailures, nowNanos);
    }
  }

  /** Whether the endpoint has begun anew: then what was counted before says nothing any more. */
  @SuppressWarnings("ReferenceEquality") // which beginning it is
  private boolean beginsAnew() {
    Beginning now = state.beginning();
    if (now == beginning) {
      return false;
    }
    beginning = now;
    answersThen = now.answers();
    failuresThen = now.failures();
    return true;
  }

  /** An ejection is forgiven to whoever has answered for as long as it took, and not failed. */
  private void forgive(int newAnswers, int newFailures, long nowNanos) {
    if (newFailures > 0 && failureRate() > CALM_FAILURE_RATE) {
      calmSinceNanos = nowNanos;
      calmAnswers = 0;
      return;
    }
    calmAnswers += newAnswers;
    if (ejections > 0 && calmAnswers > 0 && nowNanos - calmSinceNanos > lastEjectionNanos) {
      ejections--;
      calmSinceNanos = nowNanos;
      calmAnswers = 0;
    }
  }

  /** How many requests were answered or failed lately. */
  double requests() {
    return answers + failures;
  }

  /** Which share of them failed; 0 if there were none. */
  double failureRate() {
    return failures == 0 ? 0 : failures / requests();
  }

  /** How long answers take in proportion to their predictions. */
  double pace() {
    return AnswerTally.pace(state.work.answersWord());
  }

  boolean isComparable() {
    return requests() >= policy.minimumRequests();
  }

  /** How long the next ejection takes. */
  Duration ejection() {
    return doubled(policy.baseEjection(), ejections, policy.maxEjection());
  }

  /** Notes that the endpoint was ejected for that long. */
  void ejected(Duration duration) {
    ejections++;
    lastEjectionNanos = duration.toNanos();
    withheld = false;
    away = true;
    breaker.open();
  }

  /** Notes that the endpoint is in use though it should not be; whether that is news. */
  boolean ejectionWithheld() {
    boolean isNews = !withheld;
    withheld = true;
    breaker.close();
    return isNews;
  }

  /** Notes that nothing is wrong. */
  void isWell() {
    withheld = false;
  }

  /** How long the endpoint is left alone that does not say for how long it wants to be. */
  Duration backOff(long nowNanos) {
    if (nowNanos - rateLimitedUntilNanos > 2 * lastBackOffNanos) {
      rateLimits = 0;
    }
    return doubled(policy.backOff(), rateLimits, policy.maxBackOff());
  }

  /** Notes that the endpoint has asked to be left alone, and is from now on. */
  void rateLimited(long nowNanos) {
    wasRateLimited = true;
    rateLimitedSinceNanos = nowNanos;
  }

  /** Whether a request was sent before the endpoint was last left alone for its quota. */
  boolean isFromBeforeRateLimit(long acquiredNanos) {
    return wasRateLimited && acquiredNanos - rateLimitedSinceNanos < 0;
  }

  /** Notes that the endpoint is left alone for that long. */
  void backedOff(Duration duration, long nowNanos) {
    rateLimits++;
    lastBackOffNanos = duration.toNanos();
    rateLimitedUntilNanos = nowNanos + lastBackOffNanos;
  }

  private static Duration doubled(Duration base, int times, Duration max) {
    double nanos = base.toNanos() * Math.scalb(1.0, Math.min(times, 62));
    return nanos >= max.toNanos() ? max : Duration.ofNanos((long) nanos);
  }
}
