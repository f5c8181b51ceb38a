package io.inferencerouter.examples.demo;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.demo.engine.MiniLm;
import io.inferencerouter.examples.demo.report.PolicyResult;
import io.inferencerouter.examples.demo.workload.AnswerCheck;
import io.inferencerouter.examples.demo.workload.Document;
import io.inferencerouter.examples.demo.workload.DocumentGenerator;
import io.inferencerouter.examples.demo.workload.DocumentKind;
import io.inferencerouter.examples.demo.workload.Job;
import io.inferencerouter.examples.demo.workload.Workload;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Lets the JVM load and compile what the demo measures, so that the policy that runs first is not
 * at a disadvantage. What the routers learn here is thrown away.
 */
final class WarmUp {
  private static final int REQUESTS = 40;
  private static final Duration SPACING = Duration.ofMillis(20);
  private static final int DECISIONS = 20_000;

  private WarmUp() {}

  static void run(LoopbackFleet fleet, MiniLm engine, Set<Policy> policies)
      throws IOException, InterruptedException {
    Workload invoices = invoices(engine);
    PolicyRun run = new PolicyRun(fleet, new AnswerCheck(engine));
    for (Policy policy : policies) {
      decide(fleet, policy);
      List<String> problems = new ArrayList<>();
      PolicyResult result =
          run.run(policy, invoices, () -> {}, (name, answer, problem) -> problems.add(problem));
      if (!result.complete()) {
        throw new IOException("warm-up with " + policy + " failed: " + problems);
      }
    }
  }

  private static void decide(LoopbackFleet fleet, Policy policy) {
    InferenceRequest request =
        InferenceRequest.forModel(MiniLm.NAME)
            .input(InputUnit.CHARACTERS, 1000)
            .outputLimit(0)
            .build();
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

  private static Workload invoices(MiniLm engine) throws IOException {
    DocumentGenerator generator = new DocumentGenerator(0);
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      Document invoice = generator.next(DocumentKind.INVOICE);
      int tokens = engine.tokens(invoice.pages().get(0));
      jobs.add(new Job(i, invoice, tokens, SPACING.multipliedBy(i).toNanos()));
    }
    return new Workload(jobs, SPACING.multipliedBy(REQUESTS));
  }
}
