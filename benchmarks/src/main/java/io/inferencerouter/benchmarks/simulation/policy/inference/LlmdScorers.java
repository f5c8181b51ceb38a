package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.ServerMetrics;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.time.Duration;
import java.util.List;

/**
 * The weighted scorers of llm-d, as its router documents them (llm-d/llm-d-router, formerly
 * llm-d-inference-scheduler and the endpoint picker of the Gateway API Inference Extension): the
 * profile that applies when none is configured.
 *
 * <p>A score from 0 to 1 each, for the queue (1 for the shortest, 0 for the longest, in proportion
 * between), the memory (what is free of it) and the share of the input's blocks that match; weights
 * {@value #QUEUE_WEIGHT}, {@value #MEMORY_WEIGHT} and {@value #PREFIX_WEIGHT}. The highest sum is
 * taken, ties at random. Metrics are scraped every {@value #SCRAPE_MILLIS} ms. The index of
 * prefixes holds what was sent to an endpoint, bounded by the capacity that its metrics report.
 *
 * <p>Taken: routers scrape out of step with each other; a new endpoint is scraped when it joins.
 */
final class LlmdScorers extends RouterBalancer<LlmdScorers.Scraped> {
  static final String NAME = "llm-d";
  static final String DESCRIPTION =
      "Weighted scores of queue, free memory and matching prefix, from scraped metrics (llm-d"
          + " router, default profile)";

  static final int QUEUE_WEIGHT = 2;
  static final int MEMORY_WEIGHT = 2;
  static final int PREFIX_WEIGHT = 3;
  static final int SCRAPE_MILLIS = 50;

  LlmdScorers(Client client) {
    super(client);
    targets(client.targets());
    long interval = Duration.ofMillis(SCRAPE_MILLIS).toNanos();
    long phase = random().nextLong(interval);
    repeat(phase, interval, () -> workers().forEach(Scraped::scrape));
  }

  @Override
  Scraped join(Target target) {
    return new Scraped(target);
  }

  @Override
  Scraped choose(SimulatedRequest request, List<Scraped> candidates) {
    int longest = 0;
    int shortest = Integer.MAX_VALUE;
    for (Scraped worker : candidates) {
      longest = Math.max(longest, worker.metrics.waiting());
      shortest = Math.min(shortest, worker.metrics.waiting());
    }
    Least<Scraped> best = new Least<>(random());
    for (Scraped worker : candidates) {
      double queue =
          longest == shortest
              ? 1
              : (double) (longest - worker.metrics.waiting()) / (longest - shortest);
      double memory = 1 - worker.metrics.kvUsage();
      double prefix = worker.prefixes().matchedTokens(request) / (double) request.inputTokens();
      best.offer(worker, -(QUEUE_WEIGHT * queue + MEMORY_WEIGHT * memory + PREFIX_WEIGHT * prefix));
    }
    return best.get();
  }

  /** A worker with the metrics of the last scrape. */
  static final class Scraped extends Worker {
    private ServerMetrics metrics;

    Scraped(Target target) {
      super(target);
      metrics = target.metrics();
      prefixes().bound(target.spec().gpu().kvTokens());
    }

    private void scrape() {
      metrics = target().metrics();
    }
  }
}
