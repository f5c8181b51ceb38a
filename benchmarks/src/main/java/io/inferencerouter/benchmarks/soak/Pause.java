package io.inferencerouter.benchmarks.soak;

import io.inferencerouter.NoEndpointException;
import io.inferencerouter.OverloadedException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The moment that a caller waits whom the router has refused. Without it, a caller would do nothing
 * but be refused while no endpoint is in service, thousands of times a second. For use by one
 * thread.
 */
final class Pause {
  private static final int LEAST_MILLIS = 20;
  private static final int MOST_MILLIS = 80;

  /** Waits. */
  interface Sleep {
    void sleep(long millis) throws InterruptedException;
  }

  private final SplittableRandom random;
  private final Sleep sleep;

  Pause(long seed) {
    this(seed, TimeUnit.MILLISECONDS::sleep);
  }

  Pause(long seed, Sleep sleep) {
    this.random = new SplittableRandom(seed);
    this.sleep = sleep;
  }

  /** Waits if it was the router that let a call fail, and no endpoint. */
  void after(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof NoEndpointException || cause instanceof OverloadedException) {
        take();
        return;
      }
    }
  }

  /** Waits. */
  void take() {
    try {
      sleep.sleep(random.nextLong(LEAST_MILLIS, MOST_MILLIS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
