package io.inferencerouter.examples.demo;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.demo.report.PolicyResult;
import io.inferencerouter.examples.demo.scenario.Scenario;
import io.inferencerouter.examples.demo.workload.Workload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Lets the JVM load and compile what the demo measures, so that the policy that runs first is not
 * at a disadvantage. What the routers learn here is thrown away.
 */
final class WarmUp {
  private static final int DECISIONS = 20_000;

  private WarmUp() {}

  static void run(Scenario scenario, LoopbackFleet fleet, Set<Policy> policies)
      throws IOException, InterruptedException {
    Workload few = scenario.warmUp();
    PolicyRun run = new PolicyRun(scenario, fleet, Optional.empty());
    for (Policy policy : policies) {
      decide(scenario.model(), fleet, policy);
      List<String> problems = new ArrayList<>();
      PolicyResult result =
          run.run(policy, few, () -> {}, (name, answer, problem) -> problems.add(problem));
      if (!result.complete()) {
        throw new IOException("warm-up with " + policy + " failed: " + problems);
      }
    }
  }

  private static void decide(String model, LoopbackFleet fleet, Policy policy) {
    InferenceRequest request =
        InferenceRequest.forModel(model).input(InputUnit.CHARACTERS, 1000).outputLimit(0).build();
    try (InferenceRouter router =
        InferenceRouters.builder()
            .endpoints(fleet.endpoints())
            .selector(policy.selector())
            .build()) {
      for (int i = 0; i < DECISIONS; i++) {
        router.acquire(request).complete(Outcome.success());
      }
    }
  }
}
