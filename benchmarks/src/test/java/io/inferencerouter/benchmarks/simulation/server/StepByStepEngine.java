package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The same engine as {@link BatchingServer}, naively: one step after the other, list by list. */
final class StepByStepEngine {
  private final GpuModel gpu;
  private final int maxConcurrency;
  private final int budget;
  private final List<Run> future;
  private final Deque<Run> queue = new ArrayDeque<>();
  private final List<Run> running = new ArrayList<>();
  private final Map<Long, Integer> held = new HashMap<>();
  private final LinkedHashMap<Long, Integer> idle = new LinkedHashMap<>();
  private double millis;
  int preemptions;

  static final class Run {
    final SimulatedRequest request;
    double firstMillis = -1;
    double endMillis = -1;
    int cached = -1;
    int generated;
    int inMemory;
    int target;
    boolean begun;
    boolean decoding;
    int holds;

    Run(SimulatedRequest request) {
      this.request = request;
    }

    int wholeContext() {
      return request.inputTokens() + generated;
    }

    int holdsMemory() {
      return decoding ? wholeContext() : target;
    }
  }

  StepByStepEngine(GpuModel gpu, int maxConcurrency, int budget, List<Run> sortedByArrival) {
    this.gpu = gpu;
    this.maxConcurrency = maxConcurrency;
    this.budget = budget;
    this.future = new ArrayList<>(sortedByArrival);
  }

  void run(int maxSteps) {
    for (int step = 0; step < maxSteps; step++) {
      if (running.isEmpty() && queue.isEmpty()) {
        if (future.isEmpty()) {
          return;
        }
        millis = Math.max(millis, arrival(future.get(0)));
      }
      while (!future.isEmpty() && arrival(future.get(0)) <= millis) {
        queue.add(future.remove(0));
      }
      step();
    }
    throw new AssertionError("more steps than expected");
  }

  private static double arrival(Run run) {
    return run.request.arrivalNanos() / 1e6;
  }

  private void step() {
    int left = budget;
    double read = 0;
    boolean begins = false;
    Map<Run, Integer> pieces = new LinkedHashMap<>();
    for (Run run : running) {
      if (!run.decoding) {
        left -= piece(run, left, pieces);
      }
    }
    while (left > 0
        && !queue.isEmpty()
        && running.size() < maxConcurrency
        && used() + queue.getFirst().wholeContext() <= gpu.kvTokens()) {
      Run run = queue.removeFirst();
      admit(run);
      left -= piece(run, left, pieces);
    }
    for (Map.Entry<Run, Integer> piece : pieces.entrySet()) {
      double q = piece.getValue();
      read += gpu.b() * q + gpu.c() * (q * q + 2 * q * piece.getKey().inMemory);
      begins |= !piece.getKey().begun;
    }
    int decoding = 0;
    long context = 0;
    for (Run run : running) {
      if (run.decoding) {
        decoding++;
        context += run.wholeContext();
      }
    }
    double fixed = decoding > 0 ? gpu.c0() + gpu.d() * decoding + gpu.e() * context : 0;
    millis += fixed + read + (decoding == 0 && begins ? gpu.a() : 0);
    end(pieces);
  }

  private static int piece(Run run, int left, Map<Run, Integer> pieces) {
    int piece = Math.min(left, run.target - run.inMemory);
    pieces.put(run, piece);
    return piece;
  }

  private void end(Map<Run, Integer> pieces) {
    for (Run run : running) {
      if (run.decoding) {
        run.generated++;
      }
    }
    trim();
    for (Run run : new ArrayList<>(running)) {
      if (run.decoding && run.generated == run.request.outputTokens()) {
        leave(run);
      }
    }
    for (Map.Entry<Run, Integer> piece : pieces.entrySet()) {
      Run run = piece.getKey();
      run.inMemory += piece.getValue();
      run.begun = true;
      if (run.inMemory == run.target) {
        hold(run, run.request.blocks().count());
        run.generated++;
        run.decoding = true;
        if (run.firstMillis < 0) {
          run.firstMillis = millis;
        }
        if (run.generated == run.request.outputTokens()) {
          leave(run);
        }
      }
    }
    trim();
    while (used() > gpu.kvTokens()) {
      preemptions++;
      Run youngest = running.remove(running.size() - 1);
      release(youngest, false);
      youngest.decoding = false;
      queue.addFirst(youngest);
    }
  }

  private void leave(Run run) {
    running.remove(run);
    release(run, true);
    run.endMillis = millis;
  }

  private void admit(Run run) {
    Blocks blocks = run.request.blocks();
    int hits = 0;
    while (hits < blocks.count()
        && (held.containsKey(blocks.id(hits)) || idle.containsKey(blocks.id(hits)))) {
      hits++;
    }
    run.target = run.wholeContext();
    int cached =
        Math.min(Math.min(hits * Blocks.TOKENS, run.request.inputTokens()), run.target - 1);
    if (run.cached < 0) {
      run.cached = cached;
    }
    run.inMemory = cached;
    run.begun = false;
    run.holds = 0;
    running.add(run);
    hold(run, hits);
    trim();
  }

  private void hold(Run run, int to) {
    for (; run.holds < to; run.holds++) {
      long id = run.request.blocks().id(run.holds);
      idle.remove(id);
      held.merge(id, 1, Integer::sum);
    }
  }

  private void release(Run run, boolean keep) {
    for (; run.holds > 0; run.holds--) {
      long id = run.request.blocks().id(run.holds - 1);
      if (held.merge(id, -1, Integer::sum) == 0) {
        held.remove(id);
        if (keep) {
          int before = (run.holds - 1) * Blocks.TOKENS;
          idle.put(id, Math.min(Blocks.TOKENS, run.request.inputTokens() - before));
        }
      }
    }
  }

  private void trim() {
    long tokens = idle.values().stream().mapToLong(Integer::longValue).sum();
    Iterator<Integer> oldest = idle.values().iterator();
    while (oldest.hasNext() && tokens > gpu.kvTokens() - used()) {
      tokens -= oldest.next();
      oldest.remove();
    }
  }

  private long used() {
    return running.stream().mapToLong(Run::holdsMemory).sum();
  }
}
