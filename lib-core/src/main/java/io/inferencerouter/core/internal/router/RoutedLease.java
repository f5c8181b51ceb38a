package io.inferencerouter.core.internal.router;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.LoadReport;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.Generation;
import io.inferencerouter.core.internal.state.OutstandingWork;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * A decision that has won its slot: the one object that a routed request costs.
 *
 * <h2>Exactly once</h2>
 *
 * <p>What the lease holds is in one word of its own: whether it has ended, whether the first output
 * has arrived, how much reserved output is left, and how much progress has been reported but not
 * returned yet. Each report is a compare-and-set on that word, and whoever changes it returns, to
 * the endpoint, exactly the difference. So reports may race with each other and with the
 * completion, on any threads: nothing is returned twice and nothing is forgotten.
 *
 * <p>Progress comes with every token of a stream, and the endpoint's words are shared by all its
 * requests. So progress is collected in the lease, and returned whenever it has reached an eighth
 * of what was reserved. The last eighth is held to the end: a stream that is longer than expected
 * goes on, and its endpoint is not idle.
 */
class RoutedLease extends RevocableLease {
  /**
   * ended (1 bit) | first output (1 bit) | progress not returned (31 bits) | output left (31 bits),
   * in microseconds.
   */
  private static final VarHandle STATE;

  /**
   * Opaque: written by the one thread that reports a stream, read by sweeps, which need to see some
   * change of it in the end, and by who learns from it, for whom it is a sample.
   */
  private static final VarHandle REPORTED;

  private static final long ENDED = 1L << 63;
  private static final long FIRST_OUTPUT = 1L << 62;
  private static final int PROGRESS_SHIFT = 31;

  /** Marks: it loads the model, it waits for that, no endpoint is passed over for slow start. */
  private static final byte LOADER = 1;

  private static final byte WAITS_FOR_LOAD = 2;
  private static final byte CONSIDERS_ALL = 4;
  private static final byte WATCHED = 8;

  private static final long MAX_REPORTED = 1 << 20;

  /** After how much output a stream on a new endpoint says how fast it is. */
  private static final int EARLY_OUTPUT = 16;

  /** Into so many parts a neighbour of usual context is divided. */
  private static final int NEIGHBOUR = 8;

  private static final long PART = (1L << PROGRESS_SHIFT) - 1;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(RoutedLease.class, "state", long.class);
      REPORTED = lookup.findVarHandle(RoutedLease.class, "reported", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * The index of the chosen candidate and one more; 0 before there is one. Not the candidate
   * itself, as a garbage collector has to be told of references that are written after the
   * beginning.
   */
  private int place;

  private int inputMicros;
  private int outputMicros;

  /**
   * Seconds of input that was ahead; of input alone, the seconds that were reserved; for a stream,
   * once its first output has come, the seconds until then.
   */
  private float untilFirstOutput;

  private int reported;

  /**
   * How many others were there when it entered: of input alone, in flight; else as many of usual
   * context as they were worth, in parts of {@value #NEIGHBOUR}.
   */
  private char neighbours;

  private byte marks;
  private volatile long state;

  RoutedLease(
      Pipeline pipeline,
      CandidateSet candidates,
      InferenceRequest request,
      double inputWork,
      double outputWork,
      long nowNanos,
      long seed) {
    super(pipeline, candidates, request, inputWork, outputWork, nowNanos, seed);
  }

  /**
   * Reserves slot and predicted time on a candidate. Called by the thread that decides, before
   * anybody has the lease.
   */
  boolean reserve(int index) {
    Candidate candidate = candidates.at(index);
    boolean loads = candidate.loadable && Entry.startLoading(this, candidate);
    double reading = inputSeconds(candidate);
    int input = micros(loads ? reading + candidate.service.residency.loadSeconds() : reading);
    int output = outputWork() == 0 ? 0 : Generation.inSteps(micros(predictedOutputSeconds(index)));
    // Worked out before it enters, since processors let what follows an atomic step wait for it.
    long before = candidate.work.admissionWord();
    float ahead =
        (float)
            (isInputAlone()
                ? OutstandingWork.inputMicros(before) * MICRO
                : Lessons.aheadSeconds(candidate, before, candidate.work.decoding()));
    double others =
        isInputAlone()
            ? OutstandingWork.inFlight(before)
            : NEIGHBOUR * neighbours(candidate.work, 0);
    if (!Entry.enter(this, pipeline, candidate, input, output)) {
      if (loads) {
        candidate.service.residency.loadingFailed();
      }
      return false;
    }
    if (candidate.isOnTrial()) {
      candidate.service.tried();
    }
    candidates.typicalRequest().sent(context());
    place = index + 1;
    inputMicros = input;
    outputMicros = output;
    if (loads) {
      marks |= LOADER;
    } else if (candidate.loadable && candidate.service.residency.isLoading()) {
      marks |= WAITS_FOR_LOAD;
    }
    untilFirstOutput = ahead;
    neighbours = (char) Math.min(Character.MAX_VALUE, others);
    // Release suffices: other threads get the lease by a hand-over of its own that orders it.
    STATE.setRelease(this, (long) output);
    return true;
  }

  /** Whether the request is of nothing but input that is answered in one piece. */
  final boolean isInputAlone() {
    return outputWork() == 0 && !request.streaming();
  }

  @Override
  final boolean isWatched() {
    return (marks & WATCHED) != 0;
  }

  /** Notes that it is watched from the beginning. To be called before anybody has the lease. */
  final void watched() {
    marks |= WATCHED;
  }

  @Override
  public final boolean isAnswered() {
    return (state & FIRST_OUTPUT) != 0;
  }

  @Override
  public final int signs() {
    return ((int) REPORTED.getOpaque(this) << Byte.SIZE) + beats();
  }

  final boolean isLoader() {
    return (marks & LOADER) != 0;
  }

  @Override
  final boolean waitsForLoad() {
    return (marks & WAITS_FOR_LOAD) != 0;
  }

  /** From now on, endpoints in their slow start can be chosen as all others can. */
  void considerAll() {
    marks |= CONSIDERS_ALL;
  }

  @Override
  boolean considersAll() {
    return (marks & CONSIDERS_ALL) != 0;
  }

  private static int micros(double seconds) {
    return (int) (seconds * 1e6 + 0.5); // saturates, and takes NaN for 0
  }

  /** Asking is what makes the router measure. */
  @Override
  public double latencySeconds(int index) {
    pipeline.measureLatency();
    return super.latencySeconds(index);
  }

  @Override
  final Candidate chosen() {
    int index = place - 1;
    if (index < 0) {
      throw new IllegalStateException("lease: not granted (expected: used after acquire)");
    }
    return candidates.at(index);
  }

  @Override
  public Endpoint endpoint() {
    return chosen().endpoint;
  }

  @Override
  public String modelVersion() {
    return chosen().modelVersion;
  }

  @Override
  public InferenceRequest request() {
    return request;
  }

  @Override
  public long acquiredNanos() {
    return nowNanos();
  }

  @Override
  public void firstToken() {
    if ((state & (ENDED | FIRST_OUTPUT)) == 0) {
      firstOutput(pipeline.nanos());
    }
  }

  @Override
  public void firstToken(long nowNanos) {
    if ((state & (ENDED | FIRST_OUTPUT)) == 0) {
      firstOutput(nowNanos);
    }
  }

  private void firstOutput(long nowNanos) {
    OutstandingWork work = chosen().work;
    work.startDecoding();
    long before;
    do {
      before = state;
      if ((before & (ENDED | FIRST_OUTPUT)) != 0) {
        work.stopDecoding();
        return;
      }
    } while (!STATE.compareAndSet(this, before, before | FIRST_OUTPUT));
    work.returnInput(inputMicros, acquiredNanos(), nowNanos);
    if (request.streaming()) {
      double elapsed = secondsUntil(nowNanos);
      double ahead = Lessons.ahead(this);
      untilFirstOutput = (float) elapsed;
      Lessons.ofFirstOutput(this, elapsed, ahead);
    }
    pipeline.read(this);
    if (pipeline.events().isHeard()) {
      pipeline.events().emit(l -> l.firstToken(this, nowNanos - acquiredNanos()));
    }
  }

  @Override
  public void progress(long outputUnits) {
    if (outputUnits <= 0) {
      if (outputUnits == 0) {
        beat();
      }
      return;
    }
    firstToken();
    int soFar = reported;
    int now = soFar + (int) Math.min(outputUnits, MAX_REPORTED);
    REPORTED.setOpaque(this, now);
    if (soFar < EARLY_OUTPUT && now >= EARLY_OUTPUT) {
      learnEarly();
    }
    int share = outputWork() == 0 ? 0 : micros(outputUnits * (outputMicros / outputWork()) * 1e-6);
    if (share == 0) {
      return;
    }
    long before;
    long after;
    int toReturn;
    do {
      before = state;
      int left = (int) (before & PART);
      int kept = Generation.inSteps(outputMicros >> 3);
      if ((before & ENDED) != 0 || left <= kept) {
        return;
      }
      int collected = (int) ((before >>> PROGRESS_SHIFT) & PART);
      int made = (int) Math.min(left - kept, (long) collected + share);
      toReturn = made >= kept || made == left - kept ? Generation.inSteps(made) : 0;
      int carried = made - toReturn;
      after = (before & FIRST_OUTPUT) | ((long) carried << PROGRESS_SHIFT) | (left - toReturn);
    } while (!STATE.compareAndSet(this, before, after));
    if (toReturn != 0) {
      chosen().work.returnOutput(toReturn);
    }
  }

  private void learnEarly() {
    if (request.streaming() && isAnswered() && chosen().service.isOutputNew()) {
      Lessons.ofBeginning(this, secondsUntil(pipeline.nanos()));
    }
  }

  @Override
  public void loadReport(LoadReport report) {
    chosen().state.report(Objects.requireNonNull(report, "report"));
  }

  @Override
  public boolean complete(Outcome outcome) {
    Objects.requireNonNull(outcome, "outcome");
    long before = (long) STATE.getAndSet(this, ENDED);
    if ((before & ENDED) != 0) {
      return false;
    }
    boolean timed = isTimed(outcome);
    ended(before, outcome, timed ? pipeline.nanos() : acquiredNanos(), timed);
    return true;
  }

  @Override
  public boolean complete(Outcome outcome, long nowNanos) {
    Objects.requireNonNull(outcome, "outcome");
    long before = (long) STATE.getAndSet(this, ENDED);
    if ((before & ENDED) != 0) {
      return false;
    }
    ended(before, outcome, nowNanos, true);
    return true;
  }

  /**
   * Whether anybody needs to know when this lease ended. Reading the clock is what a release costs
   * most, and where an endpoint is known well, a sample of its requests is enough to stay up to
   * date.
   */
  private boolean isTimed(Outcome outcome) {
    Candidate candidate = chosen();
    return isOneOf(candidate.requestsPerLesson())
        || isLoader()
        || outcome.kind() != Outcome.Kind.SUCCESS
        || candidate.work.isErrorLevelRaised()
        || pipeline.isTimed();
  }

  private void ended(long before, Outcome outcome, long nowNanos, boolean timed) {
    Candidate candidate = chosen();
    OutstandingWork work = candidate.work;
    boolean answered = (before & FIRST_OUTPUT) != 0;
    int left = (int) (before & PART);
    if (outcome.kind() == Outcome.Kind.SUCCESS) {
      pipeline.answered(this, candidate, answered, outcome.usage());
      candidate.tookInput(inputWork());
      if (timed) {
        candidates.typicalRequest().saw(inputWork(), context());
        Lessons.ofAnswer(this, answered, outcome, secondsUntil(nowNanos));
      }
    } else if (outcome.kind() == Outcome.Kind.REJECTED
        && candidates.typicalRequest().isLarge(inputWork())) {
      candidate.refusedInput(inputWork());
    }
    if (isLoader() && outcome.kind() != Outcome.Kind.SUCCESS) {
      candidate.service.residency.loadingFailed(); // unless it has loaded, which stays
    }
    if (candidate.budgeted) {
      candidate.state.memory.release(memoryUnits());
    }
    boolean drained =
        answered
            ? work.leaveAfterOutput(left, context())
            : work.leaveBeforeOutput(inputMicros, left, context(), acquiredNanos(), nowNanos);
    pipeline.released(this, candidate, outcome, nowNanos, timed, drained);
  }

  private double secondsUntil(long nowNanos) {
    return Math.max(0, nowNanos - acquiredNanos()) * 1e-9;
  }

  @Override
  final int inputMicros() {
    return inputMicros;
  }

  /** Output reserved on the endpoint, in microseconds. */
  final int outputMicros() {
    return outputMicros;
  }

  @Override
  final double untilFirstOutput() {
    return untilFirstOutput;
  }

  /** How much output was reported. */
  final int reported() {
    return reported;
  }

  /** Of input alone: how many others were in flight when it entered. */
  final int neighbours() {
    return neighbours;
  }

  /** How many others of usual context there were when it entered. */
  final double besideAtFirst() {
    return isInputAlone() ? neighbours : (double) neighbours / NEIGHBOUR;
  }

  @Override
  public boolean isComplete() {
    return (state & ENDED) != 0;
  }

  @Override
  public String toString() {
    return "Lease["
        + (place == 0 ? "not granted" : endpoint().id())
        + (isComplete() ? ", complete, " : ", ")
        + request
        + "]";
  }
}
