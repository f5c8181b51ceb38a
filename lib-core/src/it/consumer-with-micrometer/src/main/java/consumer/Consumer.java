package consumer;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.telemetry.RouterMetrics;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** Routes two requests and fails unless they go where they have to and are measured. */
public final class Consumer {
  private Consumer() {}

  public static void main(String[] args) throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    RouterMetrics metrics = new RouterMetrics(registry);
    InferenceRequest request =
        InferenceRequest.forModel("m").input(InputUnit.TOKENS, 1_000).build();
    try (InferenceRouter router =
        InferenceRouters.builder()
            .listener(metrics)
            .endpoint(Endpoint.builder("a", "http://a:8000").model("m").maxConcurrency(1).build())
            .endpoint(Endpoint.builder("b", "http://b:8000").model("m").maxConcurrency(1).build())
            .build()) {
      metrics.bindTo(router);
      try (Lease first = router.acquire(request)) {
        String second = router.execute(request, lease -> lease.endpoint().id());
        require(!first.endpoint().id().equals(second), "both went to " + second);
        first.firstToken();
        require(first.complete(Outcome.success()), "the lease had ended before");
      }
      require(router.snapshot().inFlight() == 0, "in flight: " + router.snapshot().inFlight());
      long measured =
          registry.get("inference.router.lease").timers().stream().mapToLong(Timer::count).sum();
      require(measured == 2, "leases measured: " + measured);
      require(router.snapshot().endpoints().size() == 2, "endpoints: " + router.snapshot());
    }
    require(args[0].equals(moduleName()), "module: " + moduleName());
  }

  private static String moduleName() {
    Module module = Consumer.class.getModule();
    return module.isNamed() ? module.getName() : "unnamed";
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }
}
