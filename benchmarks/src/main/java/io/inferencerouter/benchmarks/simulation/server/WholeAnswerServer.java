package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.ReferenceGpu;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * An endpoint that answers all at once when it is done, and whose memory is no matter. What it has
 * to do for a request was measured on an H100; on another GPU it is multiplied by the ratio of what
 * reading a token costs an engine there and on an H100.
 */
abstract class WholeAnswerServer<R extends ServedRequest> extends ServerProcess<R> {
  /** How much longer this GPU takes. */
  final double speed;

  private long waitingTokens;
  private double waitingNanos;

  WholeAnswerServer(EndpointSpec spec, EventLoop loop, RandomGenerator random) {
    super(spec, loop, random);
    this.speed = ReferenceGpu.timesSlower(spec.gpu());
  }

  /** What a request adds to the work; whole nanoseconds, so that sums do not drift. */
  abstract double part(SimulatedRequest request);

  /** Forgets all that runs. */
  abstract void loseRunning(List<R> lost);

  @Override
  final boolean isPossible(SimulatedRequest request) {
    return true;
  }

  @Override
  final void queued(R served) {
    waitingTokens += served.request.inputTokens();
    waitingNanos += part(served.request);
  }

  /** One that waited begins, or is gone. */
  final void leaveQueue(R served) {
    waitingTokens -= served.request.inputTokens();
    waitingNanos -= part(served.request);
  }

  @Override
  final void lose(List<R> lost) {
    loseRunning(lost);
    waitingTokens = 0;
    waitingNanos = 0;
  }

  @Override
  final double memoryUse() {
    return 0;
  }

  @Override
  final long waitingTokens() {
    return waitingTokens;
  }

  /** The work of all that wait. */
  final double waitingNanos() {
    return waitingNanos;
  }

  /** The same as its finish: it has no output before. */
  @Override
  public final double trueFirstOutputMillis(SimulatedRequest request) {
    return trueFinishMillis(request);
  }
}
