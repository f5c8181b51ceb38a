package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An engine with continuous batching. It works in steps. In each one all sequences that have been
 * read get one token more, and beside them up to {@value #PREFILL_TOKENS_PER_STEP} tokens of
 * prompts are read, those of the oldest first; who has been read to the end has its first token.
 * Between steps:
 *
 * <ol>
 *   <li>who has its whole answer leaves; its blocks stay in the prefix cache while there is room;
 *   <li>as long as contexts have outgrown the memory, the youngest sequence loses its place and its
 *       memory; it waits in front of all others, and what it had is read again;
 *   <li>as long as the step has tokens to read left, the one that has waited longest is admitted if
 *       there is memory for what it has so far and the limit of concurrency allows it. Only then it
 *       is decided how much of it is in the cache. At least one token is always read.
 * </ol>
 *
 * <p>A step takes {@code c0 + d·B + e·S} for B sequences with S tokens, and {@code b·q + c·(q² +
 * 2·q·k)} for each q tokens that are read behind k of the same prompt. A step in which only prompts
 * are read takes {@code a} more if one of them begins, instead of the first part.
 *
 * <p>Steps are not simulated one by one: between two changes they are a {@link Stretch}, and what
 * is due at a step is found in a heap. So a request costs a few events, each in O(log n).
 */
final class BatchingServer extends ServerProcess<Sequence> {
  /** Tokens of prompts that are read in one step, the default of vLLM. */
  static final int PREFILL_TOKENS_PER_STEP = 2048;

  private static final long NEVER = Long.MAX_VALUE;

  private final int maxConcurrency;
  private final StepCosts costs;
  private final RunningBatch batch = new RunningBatch();
  private final SequenceMemory memory;
  private final Reading reading;
  private final Backlog backlog;
  private final Outlook outlook;
  private final Stretch stretch = new Stretch();

  /** Somebody comes or goes after that step. */
  private long cut = NEVER;

  private long nextStep;
  private long frontOrder;

  BatchingServer(EndpointSpec spec, EventLoop loop, RandomGenerator random) {
    this(spec, loop, random, PREFILL_TOKENS_PER_STEP);
  }

  BatchingServer(EndpointSpec spec, EventLoop loop, RandomGenerator random, int readPerStep) {
    super(spec, loop, random);
    this.maxConcurrency = spec.maxConcurrency();
    this.costs = new StepCosts(spec.gpu());
    this.memory = new SequenceMemory(spec.gpu().kvTokens(), batch);
    this.reading = new Reading(readPerStep, costs);
    this.backlog = new Backlog(costs);
    this.outlook = new Outlook(costs, readPerStep, memory.capacity(), maxConcurrency);
  }

  @Override
  Sequence accept(SimulatedRequest request, ServerCallback callback, long ticket) {
    return new Sequence(request, callback, ticket);
  }

  /** The last token of an answer is never in memory. */
  @Override
  boolean isPossible(SimulatedRequest request) {
    return request.inputTokens() + Math.max(1L, request.outputTokens()) - 1 <= memory.capacity();
  }

  @Override
  double price(SimulatedRequest request) {
    return costs.alone(request.inputTokens(), Math.max(1, request.outputTokens()));
  }

  @Override
  void queued(Sequence sequence) {
    sequence.expectedRead = sequence.needed() - expectedHit(sequence.request);
    backlog.add(sequence);
  }

  private int expectedHit(SimulatedRequest request) {
    return memory.hit(request, models.stay(request.model()));
  }

  @Override
  public int cachedTokens(SimulatedRequest request) {
    return models.serves(request.model()) ? expectedHit(request) : 0;
  }

  @Override
  void gaveUp(Sequence sequence) {
    if (!sequence.started) {
      backlog.remove(sequence);
      wasted += workDone(sequence);
      return;
    }
    long step = stepUnderWay();
    if (sequence.decoding) {
      sequence.dueStep = batch.steps() + step;
      batch.due.moved(sequence);
    }
    cutAfter(step);
  }

  @Override
  void look() {
    if (!working) {
      if (models.next() != null) {
        beginNow();
      }
    } else if (!reading.fills() && admissible() != null) {
      cutAfter(stepUnderWay());
    }
  }

  private void cutAfter(long step) {
    if (step < cut) {
      cut = step;
      schedule();
    }
  }

  /** The step under way, counted from 1 in the stretch. */
  private long stepUnderWay() {
    return stretch.stepAt(clock.workAt(now()));
  }

  @Override
  void happen() {
    double now = now();
    if (working) {
      if (onlyProgress()) {
        schedule();
        return;
      }
      now = clock.timeOf(stretch.time(nextStep));
      clock.advance(now, true);
      endSteps(nextStep);
    }
    compose(now);
  }

  /** Tells progress; whether nothing else is due, so that the stretch goes on. */
  private boolean onlyProgress() {
    long step = batch.steps() + nextStep;
    while (batch.due.firstStep() <= step && !batch.due.first().endsAt(step)) {
      tellProgress(batch.due.first(), step);
    }
    return batch.due.firstStep() > step
        && nextStep < reading.steps()
        && nextStep < cut
        && nextStep < memory.stepsToOverflow()
        && !isNoisy();
  }

  private void tellProgress(Sequence sequence, long step) {
    outbox.add(sequence, Outbox.Notice.PROGRESS);
    sequence.setDueAfter(step);
    batch.due.moved(sequence);
  }

  private void endSteps(long steps) {
    batch.advance(steps);
    memory.trim();
    long step = batch.steps();
    while (batch.due.firstStep() <= step) {
      Sequence sequence = batch.due.first();
      if (sequence.endsAt(step)) {
        leave(sequence);
      } else {
        tellProgress(sequence, step);
      }
    }
    endChunks(steps);
    memory.trim();
    while (memory.isOverfull()) {
      preempt(batch.youngest());
    }
  }

  private void endChunks(long steps) {
    reading.continues(null);
    for (int i = 0; i < reading.count(); i++) {
      Sequence sequence = reading.chunk(i);
      sequence.read += (int) (sequence.chunk * steps);
      if (sequence.gone) {
        leave(sequence);
      } else if (sequence.unread() > 0) {
        reading.continues(sequence);
      } else {
        readToEnd(sequence);
      }
    }
  }

  private void readToEnd(Sequence sequence) {
    memory.share(sequence);
    if (sequence.generated == 0 && sequence.request.outputTokens() > 0) {
      outbox.add(sequence, Outbox.Notice.FIRST_TOKEN);
    }
    if (sequence.generated + 1 == sequence.output) {
      leave(sequence);
      return;
    }
    batch.startDecoding(sequence);
    if (sequence.generated % ServerCallback.PROGRESS_TOKENS == 0) {
      outbox.add(sequence, Outbox.Notice.PROGRESS);
    }
  }

  /** One that runs has its answer, or nobody waits for it any more. */
  private void leave(Sequence sequence) {
    memory.release(sequence, true);
    models.ended(sequence);
    if (sequence.gone) {
      wasted += workDone(sequence);
    } else {
      finish(sequence);
    }
  }

  private void preempt(@Nullable Sequence youngest) {
    if (youngest == null) {
      throw new IllegalStateException("memory: in use by nobody");
    }
    memory.release(youngest, false);
    reading.preempted(youngest);
    wasted += costs.read(youngest.read - youngest.reused, youngest.reused);
    preemptions++;
    youngest.order = --frontOrder;
    youngest.started = false;
    youngest.read = 0;
    youngest.reused = 0;
    queued(youngest);
    models.putBack(youngest);
    models.ended(youngest);
  }

  /** The one that may be admitted now, as far as memory and concurrency go. */
  private @Nullable Sequence admissible() {
    if (batch.size() >= maxConcurrency) {
      return null;
    }
    Sequence next = models.next();
    return next != null && memory.fits(next) ? next : null;
  }

  private @Nullable Sequence admitNext() {
    Sequence sequence = admissible();
    if (sequence == null) {
      return null;
    }
    backlog.remove(sequence);
    models.start(sequence);
    sequence.started = true;
    memory.admit(sequence, models.stay(sequence.request.model()));
    return sequence;
  }

  /** Decides what the next steps are made of. */
  private void compose(double now) {
    reading.compose(this::admitNext);
    int decoding = batch.decoding();
    working = decoding > 0 || reading.count() > 0;
    if (working) {
      stretch.begin(
          decoding == 0 && reading.begins() ? costs.begin : 0,
          reading.nanos() + (decoding == 0 ? 0 : costs.decode(decoding, (double) batch.context())),
          costs.perContextToken * decoding + reading.growth());
      cut = NEVER;
      setNextStep();
      begin(now, noiseOf((double) nextStep));
      schedule();
    }
  }

  private void setNextStep() {
    long due = batch.due.firstStep();
    long steps = due == NEVER ? NEVER : due - batch.steps();
    nextStep = Math.min(Math.min(steps, memory.stepsToOverflow()), Math.min(reading.steps(), cut));
  }

  @Override
  double workTillNext() {
    setNextStep();
    return stretch.time(nextStep);
  }

  @Override
  void lose(List<Sequence> lost) {
    if (working) {
      batch.advance(stepUnderWay() - 1);
    }
    batch.drainTo(lost);
    for (Sequence sequence : lost) {
      wasted += workDone(sequence);
    }
    memory.clear();
    backlog.clear();
    reading.clear();
  }

  /** By price, what was done for one so far; of a prompt that is being read, whole steps. */
  private double workDone(Sequence sequence) {
    return sequence.generated > 0
        ? costs.alone(sequence.request.inputTokens(), sequence.generated)
        : costs.read(sequence.read - sequence.reused, sequence.reused);
  }

  @Override
  int running() {
    return batch.size();
  }

  @Override
  double memoryUse() {
    return memory.use(working ? stepUnderWay() - 1 : 0);
  }

  @Override
  long waitingTokens() {
    return backlog.unread();
  }

  @Override
  public double trueFirstOutputMillis(SimulatedRequest request) {
    return look(request) ? outlook.firstOutputMillis() : Double.POSITIVE_INFINITY;
  }

  @Override
  public double trueFinishMillis(SimulatedRequest request) {
    return look(request) ? outlook.finishMillis() : Double.POSITIVE_INFINITY;
  }

  @Override
  public double trueHarmMillis(SimulatedRequest request) {
    return look(request) ? outlook.harmMillis() : Double.POSITIVE_INFINITY;
  }

  private boolean look(SimulatedRequest request) {
    if (!canAnswer(request)) {
      return false;
    }
    long step = working ? stepUnderWay() : 0;
    outlook.rest = working ? Math.max(0, clock.timeOf(stretch.time(step)) - now()) : 0;
    outlook.load = models.untilLoaded(request.model());
    outlook.factor = slowness();
    outlook.see(batch, step);
    outlook.see(backlog, models.waiting());
    outlook.see(reading, step);
    int hit = expectedHit(request);
    outlook.compute(request.inputTokens(), hit, Math.max(1, request.outputTokens()));
    return true;
  }
}
