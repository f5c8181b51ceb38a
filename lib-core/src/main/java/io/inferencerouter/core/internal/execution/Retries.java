package io.inferencerouter.core.internal.execution;

import io.inferencerouter.RetryRefused;
import io.inferencerouter.Ticker;
import io.inferencerouter.core.RetryPolicy;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What the attempts of all requests of a router have in common: policy, budgets, time. */
public final class Retries {
  final RetryPolicy policy;
  final Ticker ticker;
  final Delays delays;

  /** For repetitions of what failed. */
  final RetryBudget failures;

  /** For repetitions of what was refused for reasons of quota. */
  final RetryBudget moves;

  private final LongAdder requests = new LongAdder();
  private final LongSupplier random;

  /** Begins with full budgets. */
  public Retries(RetryPolicy policy, Ticker ticker, LongSupplier random, Delays delays) {
    this.policy = policy;
    this.ticker = ticker;
    this.random = random;
    this.delays = delays;
    long now = ticker.nanos();
    double free = policy.minRetriesPerSecond();
    this.failures = new RetryBudget(policy.budgetRatio(), free, requests, now);
    this.moves = new RetryBudget(1, free, requests, now);
  }

  boolean isEnabled() {
    return policy.maxAttempts() > 1;
  }

  /** Takes note of a request. */
  void began() {
    if (isEnabled()) {
      requests.increment();
    }
  }

  /**
   * What the policy has against another attempt; null if nothing.
   *
   * @param made how many attempts there have been
   * @param waitNanos how long it would have to wait
   * @param leftNanos how long somebody waits for its answer
   */
  RetryRefused.@Nullable Reason refusal(int made, long waitNanos, long leftNanos) {
    if (made >= policy.maxAttempts()) {
      return RetryRefused.Reason.ATTEMPTS;
    }
    long longest = Math.max(policy.maxRetryAfter().toNanos(), policy.maxBackoff().toNanos());
    return waitNanos > longest || waitNanos >= leftNanos ? RetryRefused.Reason.DEADLINE : null;
  }

  /**
   * A wait before the next attempt: anything between nothing and the back-off, so that requests
   * which failed together do not come back together.
   *
   * @param made how many attempts there have been, 1 or more
   */
  long backoffNanos(int made) {
    long longest = policy.maxBackoff().toNanos();
    long doubled = policy.backoff().toNanos();
    for (int i = 1; i < made && doubled < longest; i++) {
      doubled <<= 1;
    }
    return Math.multiplyHigh(random.getAsLong() >>> 1, Math.min(doubled, longest) << 1);
  }
}
