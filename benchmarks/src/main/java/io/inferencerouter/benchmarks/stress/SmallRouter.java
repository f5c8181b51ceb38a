package io.inferencerouter.benchmarks.stress;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.core.InferenceRouters;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Routers that can be made by the million: no threads, time stands still, continuations run where
 * they come up.
 */
final class SmallRouter {
  static final InferenceRequest REQUEST =
      InferenceRequest.forAnyModel().input(InputUnit.TOKENS, 1000).outputLimit(200).build();

  private SmallRouter() {}

  static Endpoint endpoint(String id) {
    return Endpoint.builder(id, "http://" + id + ".example").maxConcurrency(1).build();
  }

  /** A router with endpoints that have one slot each. */
  static InferenceRouter of(Endpoint... endpoints) {
    InferenceRouters.Builder router =
        InferenceRouters.builder()
            .ticker(() -> 0)
            .scheduler((delay, task) -> () -> {})
            .executor(Runnable::run);
    for (Endpoint endpoint : endpoints) {
      router.endpoint(endpoint);
    }
    return router.build();
  }

  /**
   * What is in flight, plus all reserved time in microseconds and memory; 0 when everything was
   * returned.
   */
  static int held(InferenceRouter router) {
    long held = 0;
    for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
      held += endpoint.inFlight();
      held += endpoint.reservedMemory();
      held += TimeUnit.NANOSECONDS.toMicros(endpoint.reservedInput().toNanos());
      held += TimeUnit.NANOSECONDS.toMicros(endpoint.reservedOutput().toNanos());
    }
    return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, held));
  }

  /** The lease that a future has come to; null if it has come to nothing, or to something else. */
  static @Nullable Lease granted(CompletableFuture<Lease> future) {
    return future.isDone() && !future.isCompletedExceptionally() ? future.join() : null;
  }

  static int asInt(boolean value) {
    return value ? 1 : 0;
  }
}
