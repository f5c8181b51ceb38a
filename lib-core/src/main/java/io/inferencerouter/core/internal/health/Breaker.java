package io.inferencerouter.core.internal.health;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.inferencerouter.core.HealthPolicy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breaker of one endpoint: the hard switch.
 *
 * <p>It is told of answers and failures by their counts, some time after they happened, and never
 * stands in the way of a request: what a request reads is the closed bit of the endpoint. Open is
 * ejected; how long is not the breaker's to say. After that it is half open: of {@value
 * #TRIAL_CALLS} answers, those of the trial share, fewer may fail than the share at which it opens,
 * so that by default more than half have to be good.
 *
 * <p>It goes by the last {@value #WINDOW_ANSWERS} answers, and by up to ten before these. A window
 * of answers would keep each of them by itself, which takes forty bytes; one of time keeps a sum
 * for each second. So it has a window of time, by a clock whose seconds are ten answers.
 *
 * <p>It is made when an endpoint first fails; before that there is nothing to tell it. For use by
 * one thread at a time.
 */
final class Breaker {
  static final int TRIAL_CALLS = 6;
  static final int WINDOW_ANSWERS = 100;

  /** Of the last second there may be no more than the first answer. */
  private static final int WINDOW_SECONDS = WINDOW_ANSWERS / AnswerClock.ANSWERS_PER_SECOND + 1;

  private static final class Fault extends Exception {
    private static final long serialVersionUID = 1L;

    Fault() {
      super("fault", null, false, false);
    }
  }

  private final HealthPolicy policy;
  private final AnswerClock clock = new AnswerClock();
  private @Nullable CircuitBreaker breaker;

  Breaker(HealthPolicy policy) {
    this.policy = policy;
  }

  private CircuitBreaker made() {
    CircuitBreaker made = breaker;
    if (made == null) {
      made =
          CircuitBreaker.of(
              "endpoint",
              CircuitBreakerConfig.custom()
                  .slidingWindow(
                      WINDOW_SECONDS,
                      Math.min(WINDOW_ANSWERS, policy.minimumRequests()),
                      SlidingWindowType.TIME_BASED)
                  .failureRateThreshold((float) (100 * policy.breakerFailureRate()))
                  .permittedNumberOfCallsInHalfOpenState(TRIAL_CALLS)
                  .waitDurationInOpenState(Duration.ofDays(365))
                  .clock(clock)
                  .build());
      breaker = made;
    }
    return made;
  }

  /** Tells it of answers and failures, evenly mixed; of very many, of as many as it remembers. */
  void tell(long answers, long failures) {
    if (breaker == null && failures == 0) {
      return;
    }
    long all = answers + failures;
    int told = (int) Math.min(all, 2 * WINDOW_ANSWERS);
    long toldFailures = all == 0 ? 0 : (failures * told + all - 1) / all;
    CircuitBreaker to = made();
    for (int i = 0; i < told && to.tryAcquirePermission(); i++) {
      clock.tick();
      if ((i + 1) * toldFailures / told > i * toldFailures / told) {
        to.onError(0, TimeUnit.NANOSECONDS, new Fault());
      } else {
        to.onSuccess(0, TimeUnit.NANOSECONDS);
      }
    }
  }

  boolean isOpen() {
    return breaker != null && breaker.getState() == CircuitBreaker.State.OPEN;
  }

  /** Whether the endpoint has come back, and has yet to prove itself. */
  boolean isHalfOpen() {
    return breaker != null && breaker.getState() == CircuitBreaker.State.HALF_OPEN;
  }

  /** The failure rate, 0 to 1; of no meaning as long as it has been told too little. */
  double failureRate() {
    return breaker == null ? 0 : Math.max(0, breaker.getMetrics().getFailureRate() / 100);
  }

  /** The endpoint is ejected. */
  void open() {
    if (!isOpen()) {
      made().transitionToOpenState();
    }
  }

  /** The endpoint is back. */
  void halfOpen() {
    if (isOpen()) {
      made().transitionToHalfOpenState();
    }
  }

  /** Forgets everything. */
  void reset() {
    breaker = null;
  }

  /** Begins anew. */
  void close() {
    if (breaker != null && breaker.getState() != CircuitBreaker.State.CLOSED) {
      breaker.transitionToClosedState();
    }
  }
}
