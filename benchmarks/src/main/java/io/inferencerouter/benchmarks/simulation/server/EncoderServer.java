package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * An encoder of the class of 335 million parameters: reads whole inputs in batches, and answers
 * when a batch is done. What waits goes into the next batch in its order, up to a number of tokens
 * ({@value #TOKENS_PER_BATCH}) and the limit of concurrency, but at least one; a batch is of one
 * model. Inputs are not padded: a batch takes {@code a + b·(sum of tokens) + c·(sum of squares)}.
 */
final class EncoderServer extends WholeAnswerServer<ServedRequest> {
  /** What a batch holds, the default of Text Embeddings Inference. */
  static final int TOKENS_PER_BATCH = 16_384;

  private static final double A = 0.99523e6;
  private static final double B = 1.2651e3;
  private static final double C = 1.9253e-1;

  private final int tokensPerBatch;
  private final List<ServedRequest> batch = new ArrayList<>();
  private double batchNanos;

  EncoderServer(EndpointSpec spec, EventLoop loop, RandomGenerator random) {
    this(spec, loop, random, TOKENS_PER_BATCH);
  }

  EncoderServer(EndpointSpec spec, EventLoop loop, RandomGenerator random, int tokensPerBatch) {
    super(spec, loop, random);
    this.tokensPerBatch = tokensPerBatch;
  }

  @Override
  ServedRequest accept(SimulatedRequest request, ServerCallback callback, long ticket) {
    return new ServedRequest(request, callback, ticket);
  }

  @Override
  double price(SimulatedRequest request) {
    return speed * A + part(request);
  }

  /** What an input adds to its batch; whole nanoseconds, so that sums do not drift. */
  @Override
  double part(SimulatedRequest request) {
    double tokens = request.inputTokens();
    return Math.rint(speed * tokens * (B + C * tokens));
  }

  @Override
  void gaveUp(ServedRequest request) {
    if (request.started) {
      wasted += part(request.request);
    } else {
      leaveQueue(request);
    }
  }

  @Override
  void look() {
    if (!working && models.next() != null) {
      beginNow();
    }
  }

  @Override
  void happen() {
    double now = now();
    if (working) {
      now = clock.timeOf(batchNanos);
      clock.advance(now, true);
      for (ServedRequest request : batch) {
        models.ended(request);
        if (!request.gone) {
          finish(request);
        }
      }
      batch.clear();
      working = false;
    }
    compose(now);
  }

  private void compose(double now) {
    ServedRequest next = models.next();
    if (next == null) {
      return;
    }
    String model = next.request.model();
    long tokens = 0;
    batchNanos = speed * A;
    while (next != null && fits(next, model, tokens)) {
      models.start(next);
      next.started = true;
      leaveQueue(next);
      batch.add(next);
      tokens += next.request.inputTokens();
      batchNanos += part(next.request);
      next = models.next();
    }
    working = true;
    begin(now, noiseOf(1));
    schedule();
  }

  private boolean fits(ServedRequest next, String model, long tokens) {
    return batch.size() < spec().maxConcurrency()
        && next.request.model().equals(model)
        && (batch.isEmpty() || tokens + next.request.inputTokens() <= tokensPerBatch);
  }

  @Override
  double workTillNext() {
    return batchNanos;
  }

  @Override
  void loseRunning(List<ServedRequest> lost) {
    for (ServedRequest request : batch) {
      wasted += request.gone ? 0 : part(request.request);
    }
    lost.addAll(batch);
    batch.clear();
  }

  @Override
  int running() {
    return batch.size();
  }

  /** The rest of the batch, all that wait, and it, in as few batches as hold these. */
  @Override
  public double trueFinishMillis(SimulatedRequest request) {
    if (!canAnswer(request)) {
      return Double.POSITIVE_INFINITY;
    }
    double rest = working ? Math.max(0, clock.timeOf(batchNanos) - now()) : 0;
    double byTokens = (double) (waitingTokens() + request.inputTokens()) / tokensPerBatch;
    double byCount = (models.waiting() + 1.0) / spec().maxConcurrency();
    double batches = Math.ceil(Math.max(byTokens, byCount));
    double work = waitingNanos() + part(request) + batches * speed * A;
    return (rest + models.untilLoaded(request.model()) + slowness() * work) / 1e6;
  }

  /** Its own part, for each of those that share the last batch with it. */
  @Override
  public double trueHarmMillis(SimulatedRequest request) {
    if (!canAnswer(request)) {
      return Double.POSITIVE_INFINITY;
    }
    double sharing =
        waitingTokens() == 0
            ? 0
            : models.waiting() * (double) (waitingTokens() % tokensPerBatch) / waitingTokens();
    return slowness() * part(request) * sharing / 1e6;
  }
}
