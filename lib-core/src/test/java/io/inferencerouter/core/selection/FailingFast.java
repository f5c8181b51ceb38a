package io.inferencerouter.core.selection;

import static io.inferencerouter.core.testing.Fleets.tokens;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/** Requests that one endpoint fails at once, and the others take a while to answer. */
final class FailingFast {
  static final String SINKHOLE = "sinkhole";
  private static final int REQUESTS = 1_000;

  private FailingFast() {}

  /**
   * Sends a thousand requests, and says how many failed.
   *
   * @param underWay how many the others have together before they answer the first of them
   * @param gap between one request and the next
   */
  static int failures(InferenceRouter router, VirtualTime time, int underWay, Duration gap) {
    int failures = 0;
    Queue<Lease> working = new ArrayDeque<>();
    for (int i = 0; i < REQUESTS; i++) {
      Lease lease = router.acquire(tokens(100));
      if (lease.endpoint().id().equals(SINKHOLE)) {
        failures++;
        lease.complete(Outcome.serverFault());
      } else {
        working.add(lease);
        if (working.size() > underWay) {
          working.remove().complete(Outcome.success());
        }
      }
      time.advance(gap);
    }
    return failures;
  }
}
