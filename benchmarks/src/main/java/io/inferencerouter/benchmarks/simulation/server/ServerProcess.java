package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What all endpoints have in common: taking in, giving up, faults, telling and counting. What they
 * do with what they took in is theirs.
 *
 * <p>Each endpoint has one next event. One that was put off finds out when it runs, by its time.
 */
abstract class ServerProcess<R extends ServedRequest> implements ModelledServer {
  final EventLoop loop;
  final RandomGenerator random;
  final WorkClock clock = new WorkClock();
  final ModelMemory<R> models;
  final Outbox<R> outbox = new Outbox<>();
  double wasted;
  long preemptions;

  /** Whether there is work under way, stalled or not. */
  boolean working;

  private final EndpointSpec spec;
  private final IdentityHashMap<ServerCallback, R> open =
      new IdentityHashMap<>(); // only for look-up
  private final LoadMeter meter = new LoadMeter();
  private final Runnable wake = this::wake;
  private long due = EventLoop.NEVER;
  private long tickets;
  private boolean down;
  private double slowness = 1;
  private double failProbability;
  private double variation;
  private long finished;
  private long inputTokens;
  private long cachedTokens;
  private long outputTokens;
  private double priced;

  ServerProcess(EndpointSpec spec, EventLoop loop, RandomGenerator random) {
    if (spec.maxConcurrency() < 1 || spec.maxResidentModels() < 1) {
      throw new IllegalArgumentException(
          "endpoint: " + spec + " (expected: maxConcurrency and maxResidentModels 1 or more)");
    }
    this.spec = spec;
    this.loop = loop;
    this.random = random;
    this.models =
        new ModelMemory<>(spec.models(), spec.maxResidentModels(), loop, random, this::poke);
  }

  /** A request as this kind of endpoint keeps it. */
  abstract R accept(SimulatedRequest request, ServerCallback callback, long ticket);

  /** Whether it can ever run here. */
  abstract boolean isPossible(SimulatedRequest request);

  /** The time it takes alone and without a cache. */
  abstract double price(SimulatedRequest request);

  /** One waits now. */
  abstract void queued(R request);

  /** One that waited, or runs, is gone; one that ran leaves its place as soon as it can. */
  abstract void gaveUp(R request);

  /** Looks whether something can begin before the next event. Not called while stalled. */
  abstract void look();

  /** The next event has come. */
  abstract void happen();

  /** How much work is done when the next event comes. */
  abstract double workTillNext();

  /**
   * Forgets all that runs, and all caches.
   *
   * @param lost those that waited; those that ran are added
   */
  abstract void lose(List<R> lost);

  /** How many run. */
  abstract int running();

  /** The share of memory in use. */
  abstract double memoryUse();

  /** Uncached input that waits. */
  abstract long waitingTokens();

  @Override
  public final EndpointSpec spec() {
    return spec;
  }

  @Override
  public final void submit(SimulatedRequest request, ServerCallback callback) {
    R served = accept(request, callback, tickets++);
    open.put(callback, served);
    if (down) {
      fail(served, Failure.REFUSED);
    } else if (failProbability > 0 && !isStalled() && random.nextDouble() < failProbability) {
      fail(served, Failure.ERROR);
    } else if (!models.serves(request.model()) || !isPossible(request)) {
      fail(served, Failure.IMPOSSIBLE);
    } else {
      priced += price(request);
      queued(served);
      models.add(served);
      poke();
    }
  }

  @Override
  public final void cancel(ServerCallback callback) {
    R served = open.remove(callback);
    if (served == null) {
      return;
    }
    served.gone = true;
    if (!served.ended) {
      if (!served.started) {
        models.gaveUp(served);
      }
      gaveUp(served);
      poke();
    }
  }

  @Override
  public final void slow(double factor) {
    if (!(factor > 0) || Double.isInfinite(factor)) {
      throw new IllegalArgumentException("factor: " + factor + " (expected: above 0)");
    }
    double noise = clock.factor() / slowness;
    slowness = factor;
    clock.speed(now(), noise * factor, working);
    schedule();
  }

  @Override
  public final void fail(double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("probability: " + probability + " (expected: 0 to 1)");
    }
    failProbability = probability;
  }

  @Override
  public final void noise(double coefficient) {
    if (!(coefficient >= 0) || Double.isInfinite(coefficient)) {
      throw new IllegalArgumentException("variation: " + coefficient + " (expected: 0 or more)");
    }
    variation = coefficient;
  }

  @Override
  public final void stall() {
    clock.pause(now(), working);
    due = EventLoop.NEVER;
  }

  @Override
  public final void resume() {
    if (isStalled()) {
      clock.resume(now());
      schedule();
      poke();
    }
  }

  @Override
  public final void crash() {
    loseAll();
    down = true;
  }

  @Override
  public final void restart() {
    loseAll();
    down = false;
    clock.resume(now());
  }

  private void loseAll() {
    List<R> lost = new ArrayList<>();
    clock.advance(now(), working);
    models.clear(lost);
    lose(lost);
    working = false;
    due = EventLoop.NEVER;
    lost.removeIf(request -> request.gone);
    lost.sort(Comparator.comparingLong(request -> request.ticket));
    for (R request : lost) {
      fail(request, Failure.RESET);
    }
  }

  private void fail(R request, Failure failure) {
    request.ended = true;
    loop.at(
        loop.nanos(),
        () -> {
          if (!request.gone) {
            open.remove(request.callback);
            request.callback.failed(failure);
          }
        });
  }

  /** The loop's time, which has no fractions. */
  final double now() {
    return (double) loop.nanos();
  }

  final boolean isStalled() {
    return clock.isPaused();
  }

  final double slowness() {
    return slowness;
  }

  final boolean isNoisy() {
    return variation > 0;
  }

  /** Draws by what so many steps are to be multiplied. */
  final double noiseOf(double steps) {
    return variation > 0 ? LogNormal.aroundOne(variation / Math.sqrt(steps)).draw(random) : 1;
  }

  /** Counts work from 0 on, multiplied by that. */
  final void begin(double now, double noise) {
    clock.restart(now, slowness * noise);
  }

  /** Whether a request submitted now would ever get an answer if nothing else happened. */
  final boolean canAnswer(SimulatedRequest request) {
    return !down && !isStalled() && models.serves(request.model()) && isPossible(request);
  }

  /** Puts the next event where it belongs. */
  final void schedule() {
    if (isStalled() || !working) {
      due = EventLoop.NEVER;
      return;
    }
    dueAt((long) Math.ceil(clock.timeOf(workTillNext())));
  }

  /** Begins in an event of its own, together with what else comes at this moment. */
  final void beginNow() {
    dueAt(loop.nanos());
  }

  private void dueAt(long nanos) {
    long time = Math.max(loop.nanos(), nanos);
    if (due != time) {
      due = time;
      loop.at(time, wake);
    }
  }

  private void poke() {
    if (!isStalled()) {
      look();
    }
  }

  private void wake() {
    if (loop.nanos() != due) {
      return;
    }
    due = EventLoop.NEVER;
    happen();
    for (int i = 0; i < outbox.size(); i++) {
      tell(outbox.request(i), outbox.notice(i));
    }
    outbox.clear();
  }

  private void tell(R request, Outbox.Notice notice) {
    if (request.gone) {
      return;
    }
    switch (notice) {
      case FIRST_TOKEN -> request.callback.firstToken(request.cachedTokens);
      case PROGRESS -> request.callback.progress(ServerCallback.PROGRESS_TOKENS);
      case FINISHED -> {
        open.remove(request.callback);
        finished++;
        inputTokens += request.request.inputTokens();
        cachedTokens += request.cachedTokens;
        outputTokens += request.request.outputTokens();
        meter.finished(now(), busy());
        request.callback.finished(request.cachedTokens, report());
      }
    }
  }

  /** One is finished; it is told so at the end of the event. */
  final void finish(R request) {
    request.ended = true;
    outbox.add(request, Outbox.Notice.FINISHED);
  }

  private double busy() {
    return clock.busyAt(now(), working);
  }

  /** The load as engines report it; of what comes and goes, the last ten seconds. */
  private LoadReport report() {
    double memory = Math.min(1, memoryUse());
    double slots = (running() + models.waiting()) / (double) spec.maxConcurrency();
    return LoadReport.builder()
        .cpuUtilization(meter.busyShare())
        .memoryUtilization(memory)
        .applicationUtilization(Math.max(memory, slots))
        .requestsPerSecond(meter.finishedPerSecond())
        .namedMetric("kv_cache_usage_perc", memory)
        .namedMetric("num_requests_running", running())
        .namedMetric("num_requests_waiting", models.waiting())
        .build();
  }

  @Override
  public final ServerMetrics metrics() {
    return new ServerMetrics(
        running(), models.waiting(), waitingTokens(), Math.min(1, memoryUse()), finished);
  }

  @Override
  public final ServerTotals totals() {
    return new ServerTotals(
        finished,
        inputTokens,
        cachedTokens,
        outputTokens,
        priced,
        Math.round(busy()),
        wasted,
        preemptions,
        models.loads());
  }
}
