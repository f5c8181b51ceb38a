package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.Server;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;

/**
 * The KV router of NVIDIA Dynamo, as its documentation gives it (ai-dynamo/dynamo, "KV Cache
 * Routing" and "Router Design").
 *
 * <p>The least cost is taken, where cost = {@value #OVERLAP_SCORE_WEIGHT} × prefill blocks + decode
 * blocks. Prefill blocks are the uncached tokens of the requests without first output, the new one
 * included, by the size of a block. Decode blocks are those in use there, each counted once however
 * many requests share it, the new one's included; the router counts them itself, from the inputs,
 * and gives them back with the whole answer. What is cached it knows from the engines' events. The
 * temperature is 0.
 *
 * <p>Taken: blocks of {@value #BLOCK_TOKENS} tokens; ties at random; no queue in the router;
 * routers do not tell each other of their active blocks, which is the default. Where engines
 * publish no events, an index of what was sent, bounded by the endpoint's capacity.
 */
final class DynamoKv extends RouterBalancer<DynamoKv.Active> {
  static final String NAME = "dynamo-kv";
  static final String DESCRIPTION =
      "Least prefill blocks + decode blocks, by its own count and the engines' cache events (NVIDIA"
          + " Dynamo KV router)";

  static final double OVERLAP_SCORE_WEIGHT = 1;
  static final int BLOCK_TOKENS = 16;

  DynamoKv(Client client) {
    super(client);
    targets(client.targets());
  }

  @Override
  Active join(Target target) {
    return new Active(target);
  }

  @Override
  int cachedTokens(Active worker, SimulatedRequest request) {
    int told = worker.target().cachedTokens(request);
    return told == Server.UNTOLD ? super.cachedTokens(worker, request) : told;
  }

  @Override
  Active choose(SimulatedRequest request, List<Active> candidates) {
    Least<Active> least = new Least<>(random());
    for (Active worker : candidates) {
      double prefill = (double) worker.prefillTokens() + newTokens(worker, request);
      double decode = (double) worker.blocks.tokensWith(request);
      least.offer(worker, (OVERLAP_SCORE_WEIGHT * prefill + decode) / BLOCK_TOKENS);
    }
    return least.get();
  }

  /** A worker with the blocks that requests are using there. */
  static final class Active extends Worker {
    private final ActiveBlocks blocks = new ActiveBlocks();

    Active(Target target) {
      super(target);
      prefixes().bound(target.spec().gpu().kvTokens());
    }

    /** Tokens in use. */
    long activeTokens() {
      return blocks.tokens();
    }

    @Override
    void sent(Flight<?> flight) {
      super.sent(flight);
      blocks.add(flight.request());
    }

    @Override
    void ended(Flight<?> flight) {
      super.ended(flight);
      blocks.remove(flight.request());
    }
  }
}
