package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;

/**
 * The sticky until saturated rule of llm-d, the default of its optimized baseline ("Sticky Until
 * Saturated: Token-Aware Routing in llm-d", 2026; llm-d/llm-d-router, {@code
 * prefix-cache-affinity-filter} and {@code token-load-scorer}).
 *
 * <p>Endpoints that hold at least {@value #AFFINITY_THRESHOLD} of the input are sticky, and only
 * they are considered, unless the least loaded of them would be later by more than {@value
 * #MAX_TTFT_PENALTY_MILLIS} ms than the least loaded of the others; the time is that of the
 * uncached tokens on their way at {@value #PEAK_PREFILL_TOKENS_PER_SECOND} tokens per second. Of
 * those considered the one with the fewest uncached tokens is taken, the request's own included,
 * ties at random. Tokens count until the first output.
 *
 * <p>Taken: the published throughput for all endpoints, since the filter has one for all. The
 * prefixes are an index of what was sent, bounded by the endpoint's capacity. The score is that of
 * the published scorer below its bound of four million tokens; above it, fewer tokens still win.
 */
final class LlmdSticky extends RouterBalancer<Worker> {
  static final String NAME = "llm-d-sticky";
  static final String DESCRIPTION =
      "Stays where the prefix is until that endpoint is saturated, else fewest uncached tokens"
          + " (llm-d router, optimized baseline)";

  static final double AFFINITY_THRESHOLD = 0.8;
  static final int MAX_TTFT_PENALTY_MILLIS = 18_000;
  static final int PEAK_PREFILL_TOKENS_PER_SECOND = 15_928;

  LlmdSticky(Client client) {
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
    Least<Worker> sticky = new Least<>(random());
    Least<Worker> any = new Least<>(random());
    long stickyTokens = Long.MAX_VALUE;
    long otherTokens = Long.MAX_VALUE;
    for (Worker worker : candidates) {
      int matched = worker.prefixes().matchedTokens(request);
      double load = (double) worker.prefillTokens() + request.inputTokens() - matched;
      any.offer(worker, load);
      if (matched >= AFFINITY_THRESHOLD * request.inputTokens()) {
        sticky.offer(worker, load);
        stickyTokens = Math.min(stickyTokens, worker.prefillTokens());
      } else {
        otherTokens = Math.min(otherTokens, worker.prefillTokens());
      }
    }
    if (stickyTokens == Long.MAX_VALUE) {
      return any.get();
    }
    double penaltyMillis = 1000.0 * (stickyTokens - otherTokens) / PEAK_PREFILL_TOKENS_PER_SECOND;
    return penaltyMillis > MAX_TTFT_PENALTY_MILLIS ? any.get() : sticky.get();
  }
}
