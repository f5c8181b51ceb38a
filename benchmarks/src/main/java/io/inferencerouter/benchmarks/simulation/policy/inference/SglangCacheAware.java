package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.time.Duration;
import java.util.List;

/**
 * The cache-aware policy of the SGLang router, as its source documents it (sgl-project/sglang,
 * {@code sgl-router}, policy {@code cache_aware}; L. Zheng and others, "SGLang v0.4", 2024).
 *
 * <p>An approximate radix tree per worker holds the inputs that were sent there. While the load is
 * even, a request goes to the worker with the longest match if that is more than {@value
 * #CACHE_THRESHOLD} of its input, else to the worker with the smallest tree. The load is uneven
 * when the numbers of requests differ by more than {@value #BALANCE_ABS_THRESHOLD} and by more than
 * the factor {@value #BALANCE_REL_THRESHOLD}; then the shortest queue is taken. Every {@value
 * #EVICTION_SECONDS} seconds, trees are cut to {@value #MAX_TREE_SIZE} characters.
 *
 * <p>Taken: the defaults of the release that introduced the policy; later command lines have a
 * threshold of 0.3 and let the load drift further apart (64 and 1.5). Four characters per token.
 * Workers that match equally: the one with the fewest requests, as its event-driven variant does.
 * Other ties at random, where the source takes the first.
 */
final class SglangCacheAware extends RouterBalancer<Worker> {
  static final String NAME = "sglang-cache-aware";
  static final String DESCRIPTION =
      "Longest matching prefix while the load is even, else the shortest queue (SGLang router,"
          + " cache_aware)";

  static final double CACHE_THRESHOLD = 0.5;
  static final int BALANCE_ABS_THRESHOLD = 32;
  static final double BALANCE_REL_THRESHOLD = 1.0001;
  static final int EVICTION_SECONDS = 60;
  static final int MAX_TREE_SIZE = 1 << 24;

  private static final int CHARACTERS_PER_TOKEN = 4;

  SglangCacheAware(Client client) {
    super(client);
    targets(client.targets());
    long interval = Duration.ofSeconds(EVICTION_SECONDS).toNanos();
    repeat(interval, interval, this::evict);
  }

  @Override
  Worker join(Target target) {
    return new Worker(target);
  }

  @Override
  Worker choose(SimulatedRequest request, List<Worker> candidates) {
    if (isUneven(candidates)) {
      return shortestQueue(candidates);
    }
    int matched = 0;
    for (Worker worker : candidates) {
      matched = Math.max(matched, worker.prefixes().matchedTokens(request));
    }
    if (matched > CACHE_THRESHOLD * request.inputTokens()) {
      return longestMatch(request, candidates, matched);
    }
    Least<Worker> smallest = new Least<>(random());
    for (Worker worker : candidates) {
      smallest.offer(worker, (double) worker.prefixes().tokens());
    }
    return smallest.get();
  }

  @Override
  void remember(Worker worker, SimulatedRequest request) {
    if (request.blocks().count() == 0) {
      worker.prefixes().insertUnshared(request.inputTokens());
    } else {
      worker.prefixes().insert(request);
    }
  }

  private static boolean isUneven(List<Worker> candidates) {
    int most = 0;
    int fewest = Integer.MAX_VALUE;
    for (Worker worker : candidates) {
      most = Math.max(most, worker.requests());
      fewest = Math.min(fewest, worker.requests());
    }
    return most - fewest > BALANCE_ABS_THRESHOLD && most > BALANCE_REL_THRESHOLD * fewest;
  }

  private Worker shortestQueue(List<Worker> candidates) {
    Least<Worker> shortest = new Least<>(random());
    for (Worker worker : candidates) {
      shortest.offer(worker, worker.requests());
    }
    return shortest.get();
  }

  private Worker longestMatch(SimulatedRequest request, List<Worker> candidates, int matched) {
    Least<Worker> shortest = new Least<>(random());
    for (Worker worker : candidates) {
      if (worker.prefixes().matchedTokens(request) == matched) {
        shortest.offer(worker, worker.requests());
      }
    }
    return shortest.get();
  }

  private void evict() {
    for (Worker worker : workers()) {
      worker.prefixes().evict(MAX_TREE_SIZE / CHARACTERS_PER_TOKEN);
    }
  }
}
