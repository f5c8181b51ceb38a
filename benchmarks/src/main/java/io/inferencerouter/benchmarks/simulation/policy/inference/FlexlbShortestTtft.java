package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.Server;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The shortest-TTFT strategy of FlexLB, as RTP-LLM's source documents it (alibaba/rtp-llm, {@code
 * flexlb}, {@code ShortestTTFTStrategy}).
 *
 * <p>TTFT = predicted prefill time + queue time. The queue time is what the requests before take by
 * the same prediction, less the time since the first of them began. Of the best {@value
 * #CANDIDATE_POOL_RATIO} of the endpoints, at least one, that which was selected least recently is
 * taken. An endpoint with more than {@value #QUEUE_THRESHOLD} requests without first output is
 * passed over, until {@value #HYSTERESIS_PERCENT} % fewer are there. The engines tell what they
 * have cached.
 *
 * <p>Taken: the formula of the prediction is to be configured; its default of one unit per token
 * fits no GPU, so that of each endpoint's own GPU is used, a perfect operator's. A request is
 * reserved with its own prefill time; the source reserves the predicted TTFT, which counts those
 * before it once more. When all are passed over, none is. Where engines tell nothing, an index of
 * what was sent, bounded by the endpoint's capacity.
 */
final class FlexlbShortestTtft extends RouterBalancer<FlexlbShortestTtft.Prefilling> {
  static final String NAME = "flexlb-shortest-ttft";
  static final String DESCRIPTION =
      "Least recently used of the 30 % with the shortest predicted TTFT (FlexLB of RTP-LLM), with"
          + " true prefill coefficients";

  static final double CANDIDATE_POOL_RATIO = 0.3;
  static final int QUEUE_THRESHOLD = 64;
  static final int HYSTERESIS_PERCENT = 15;

  private static final Comparator<Prefilling> BY_TTFT =
      Comparator.<Prefilling>comparingLong(worker -> worker.ttftMicros)
          .thenComparingLong(worker -> worker.lastSelected);

  private final List<Prefilling> pool = new ArrayList<>();
  private long selections;

  FlexlbShortestTtft(Client client) {
    super(client);
    targets(client.targets());
  }

  @Override
  Prefilling join(Target target) {
    return new Prefilling(target, loop());
  }

  @Override
  int cachedTokens(Prefilling worker, SimulatedRequest request) {
    int told = worker.target().cachedTokens(request);
    int cached = told == Server.UNTOLD ? super.cachedTokens(worker, request) : told;
    return cached < request.inputTokens()
        ? cached
        : Math.max(0, request.inputTokens() - Blocks.TOKENS);
  }

  @Override
  Prefilling choose(SimulatedRequest request, List<Prefilling> candidates) {
    pool.clear();
    for (Prefilling worker : candidates) {
      if (worker.isAvailable()) {
        pool.add(worker);
      }
    }
    if (pool.isEmpty()) {
      pool.addAll(candidates);
    }
    for (Prefilling worker : pool) {
      worker.ttftMicros =
          worker.waitMicros() + worker.prefillMicros(request, newTokens(worker, request));
    }
    pool.sort(BY_TTFT);
    int size = Math.max(1, (int) (pool.size() * CANDIDATE_POOL_RATIO));
    Prefilling chosen = pool.get(0);
    for (int i = 1; i < size; i++) {
      if (pool.get(i).lastSelected < chosen.lastSelected) {
        chosen = pool.get(i);
      }
    }
    chosen.lastSelected = ++selections;
    return chosen;
  }

  /** A worker with the prefill times that it still owes. */
  static final class Prefilling extends Worker {
    private static final int MICROS_PER_MILLI = 1000;
    private static final int NANOS_PER_MICRO = 1000;

    private final EventLoop loop;
    private int pending;
    private long pendingMicros;
    private long headSinceNanos;
    private boolean isFull;
    private long lastSelected;
    private long ttftMicros;

    Prefilling(Target target, EventLoop loop) {
      super(target);
      this.loop = loop;
      prefixes().bound(target.spec().gpu().kvTokens());
    }

    /** Reserved prefill time, in microseconds. */
    long pendingMicros() {
      return pendingMicros;
    }

    boolean isAvailable() {
      int threshold = isFull ? QUEUE_THRESHOLD * (100 - HYSTERESIS_PERCENT) / 100 : QUEUE_THRESHOLD;
      isFull = pending > threshold;
      return !isFull;
    }

    long waitMicros() {
      return pending == 0
          ? 0
          : Math.max(0, pendingMicros - (loop.nanos() - headSinceNanos) / NANOS_PER_MICRO);
    }

    long prefillMicros(SimulatedRequest request, int newTokens) {
      GpuModel gpu = target().spec().gpu();
      double n = newTokens;
      double cached = request.inputTokens() - n;
      return (long)
          (MICROS_PER_MILLI * (gpu.a() + gpu.b() * n + gpu.c() * (n * n + 2 * n * cached)));
    }

    @Override
    void sent(Flight<?> flight) {
      super.sent(flight);
      if (pending++ == 0) {
        headSinceNanos = loop.nanos();
      }
      pendingMicros += prefillMicros(flight.request(), flight.newTokens());
    }

    @Override
    void prefilled(Flight<?> flight) {
      super.prefilled(flight);
      pending--;
      headSinceNanos = loop.nanos();
      pendingMicros -= prefillMicros(flight.request(), flight.newTokens());
    }
  }
}
