package io.inferencerouter.core.telemetry;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.RouterSnapshot;
import io.micrometer.core.instrument.Clock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot that all gauges of one scrape share, so that a scrape does not take one for each
 * gauge.
 */
final class RecentSnapshot {
  private static final long MAX_AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private record Taken(RouterSnapshot snapshot, long nanos) {}

  private final InferenceRouter router;
  private final Clock clock;
  // Racy by design: two threads may both take a snapshot, and either is recent.
  private volatile @Nullable Taken last;

  RecentSnapshot(InferenceRouter router, Clock clock) {
    this.router = router;
    this.clock = clock;
  }

  RouterSnapshot get() {
    Taken taken = last;
    long now = clock.monotonicTime();
    if (taken == null || now - taken.nanos() > MAX_AGE_NANOS) {
      taken = new Taken(router.snapshot(), now);
      last = taken;
    }
    return taken.snapshot();
  }

  /** Whether the router has an endpoint at this moment. */
  boolean isMemberNow(String id) {
    return router.snapshot().endpoint(id).isPresent();
  }
}
