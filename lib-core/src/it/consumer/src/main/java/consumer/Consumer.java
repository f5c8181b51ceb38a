package consumer;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.InferenceRouters;

/** Routes two requests and fails unless they go where they have to. */
public final class Consumer {
  private Consumer() {}

  public static void main(String[] args) throws Exception {
    requireAbsent("io.micrometer.core.instrument.MeterRegistry");
    InferenceRequest request =
        InferenceRequest.forModel("m").input(InputUnit.TOKENS, 1_000).build();
    try (InferenceRouter router =
        InferenceRouters.of(
            Endpoint.builder("a", "http://a:8000").model("m").maxConcurrency(1).build(),
            Endpoint.builder("b", "http://b:8000").model("m").maxConcurrency(1).build())) {
      try (Lease first = router.acquire(request)) {
        String second = router.execute(request, lease -> lease.endpoint().id());
        require(!first.endpoint().id().equals(second), "both went to " + second);
        first.firstToken();
        require(first.complete(Outcome.success()), "the lease had ended before");
      }
      require(router.snapshot().inFlight() == 0, "in flight: " + router.snapshot().inFlight());
      require(router.snapshot().endpoints().size() == 2, "endpoints: " + router.snapshot());
    }
    require(args[0].equals(moduleName()), "module: " + moduleName());
  }

  private static String moduleName() {
    Module module = Consumer.class.getModule();
    return module.isNamed() ? module.getName() : "unnamed";
  }

  private static void requireAbsent(String className) {
    try {
      Class.forName(className);
    } catch (ClassNotFoundException absent) {
      return;
    }
    throw new AssertionError(className + " is there");
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }
}
