package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;

/**
 * LMetric (D. Zhang and others, "LMetric: Simple is Better. Multiplication May Be All You Need for
 * LLM Request Scheduling", arXiv 2603.15202, 2026): the least product of the new prefill tokens, if
 * the request were sent there, and the batch size.
 *
 * <p>Taken: the prefill tokens are the uncached ones of the request and of those without first
 * output; the batch size is the number of requests that this router has there; the cache is an
 * index of what was sent, bounded by the endpoint's capacity. An empty batch makes a product 0, and
 * so does an input that is cached whole where nothing else is being read: among these fewer prefill
 * tokens win, then chance.
 */
final class Lmetric extends RouterBalancer<Worker> {
  static final String NAME = "lmetric";
  static final String DESCRIPTION =
      "Least product of new prefill tokens and batch size (LMetric, arXiv 2603.15202)";

  Lmetric(Client client) {
    super(client);
    targets(client.targets());
  }

  @Override
  Worker join(Target target) {
    Worker worker = new Worker(target);
    worker.prefixes().bound(target.spec().gpu().kvTokens());
    return worker;
  }

  @Override
  Worker choose(SimulatedRequest request, List<Worker> candidates) {
    double least = Double.POSITIVE_INFINITY;
    Least<Worker> fewest = new Least<>(random());
    for (Worker worker : candidates) {
      double tokens = (double) worker.prefillTokens() + newTokens(worker, request);
      double product = tokens * worker.requests();
      if (product < least) {
        least = product;
        fewest = new Least<>(random());
      }
      if (product == least) {
        fewest.offer(worker, tokens);
      }
    }
    return fewest.get();
  }
}
