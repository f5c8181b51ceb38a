package io.inferencerouter.core.testing;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Requests one after the other, answered as a script says, and what became of them. */
public final class Traffic {
  private final InferenceRouter router;
  private final VirtualTime time;
  private final InferenceRequest request;

  public Traffic(InferenceRouter router, VirtualTime time, InferenceRequest request) {
    this.router = router;
    this.time = time;
    this.request = request;
  }

  /**
   * Sends requests, and says how many each endpoint got; "shed" counts those that none got.
   *
   * @param gap between one request and the next, and from each to its answer
   * @param answer by the id of the endpoint
   */
  public Map<String, Integer> send(int count, Duration gap, Function<String, Outcome> answer) {
    Map<String, Integer> got = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      String id = "shed";
      try {
        Lease lease = router.acquire(request);
        id = lease.endpoint().id();
        time.advance(gap);
        lease.complete(answer.apply(id));
      } catch (InferenceRouterException shed) {
        time.advance(gap);
      }
      got.merge(id, 1, Integer::sum);
    }
    return got;
  }

  /** As {@link #send(int, Duration, Function)}, all but some answered well. */
  public Map<String, Integer> send(int count, Duration gap, Outcome bad, String... badIds) {
    return send(count, gap, id -> java.util.List.of(badIds).contains(id) ? bad : Outcome.success());
  }
}
