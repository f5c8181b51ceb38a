package io.inferencerouter.core.internal.router;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.LoadReport;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.OutstandingWork;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
 * of what was reserved.
 */
final class RoutedLease extends Decision implements Lease {
  /**
   * ended (1 bit) | first output (1 bit) | progress not returned (31 bits) | output left (31 bits),
   * in microseconds.
   */
  private static final VarHandle STATE;

  private static final long ENDED = 1L << 63;
  private static final long FIRST_OUTPUT = 1L << 62;
  private static final int PROGRESS_SHIFT = 31;
  private static final long PART = (1L << PROGRESS_SHIFT) - 1;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(RoutedLease.class, "state", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Pipeline pipeline;
  private @Nullable Candidate chosen;
  private int inputMicros;
  private int outputMicros;
  private volatile long state;

  RoutedLease(
      Pipeline pipeline,
      CandidateSet candidates,
      InferenceRequest request,
      double inputWork,
      double outputWork,
      long nowNanos,
      long seed) {
    super(candidates, request, inputWork, outputWork, nowNanos, seed);
    this.pipeline = pipeline;
  }

  /**
   * Reserves slot and predicted time on a candidate. Called by the thread that decides, before
   * anybody has the lease.
   */
  boolean reserve(int index) {
    Candidate candidate = candidates.at(index);
    int input = micros(reservedInputSeconds(candidate));
    int output = outputWork() == 0 ? 0 : micros(predictedOutputSeconds(index));
    if (!candidate.work.enter(candidate.slots, input, output)) {
      return false;
    }
    chosen = candidate;
    inputMicros = input;
    outputMicros = output;
    // Release suffices: other threads get the lease by a hand-over of its own that orders it.
    STATE.setRelease(this, (long) output);
    return true;
  }

  private double reservedInputSeconds(Candidate candidate) {
    return candidate.loadSeconds + inputWork() * candidate.secondsPerInputUnit;
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

  private Candidate chosen() {
    Candidate candidate = chosen;
    if (candidate == null) {
      throw new IllegalStateException("lease: not granted (expected: used after acquire)");
    }
    return candidate;
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
      firstOutput(pipeline.events().isHeard() ? pipeline.nanos() : 0);
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
    work.returnInput(inputMicros);
    if (pipeline.events().isHeard()) {
      pipeline.events().emit(l -> l.firstToken(this, nowNanos - acquiredNanos()));
    }
  }

  @Override
  public void progress(long outputUnits) {
    if (outputUnits <= 0) {
      return;
    }
    firstToken();
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
      if ((before & ENDED) != 0 || left == 0) {
        return;
      }
      int collected = (int) ((before >>> PROGRESS_SHIFT) & PART);
      int made = (int) Math.min(left, (long) collected + share);
      toReturn = made >= outputMicros >> 3 ? made : 0;
      long kept = toReturn == 0 ? made : 0;
      after = (before & FIRST_OUTPUT) | (kept << PROGRESS_SHIFT) | (left - toReturn);
    } while (!STATE.compareAndSet(this, before, after));
    if (toReturn != 0) {
      chosen().work.returnOutput(toReturn);
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
    boolean clockNeeded =
        pipeline.events().isHeard()
            || outcome.kind().isFault()
            || pipeline.measuresLatency()
            || chosen().work.isErrorLevelRaised();
    ended(before, outcome, clockNeeded ? pipeline.nanos() : 0);
    return true;
  }

  @Override
  public boolean complete(Outcome outcome, long nowNanos) {
    Objects.requireNonNull(outcome, "outcome");
    long before = (long) STATE.getAndSet(this, ENDED);
    if ((before & ENDED) != 0) {
      return false;
    }
    ended(before, outcome, nowNanos);
    return true;
  }

  private void ended(long before, Outcome outcome, long nowNanos) {
    Candidate candidate = chosen();
    OutstandingWork work = candidate.work;
    int left = (int) (before & PART);
    boolean drained =
        (before & FIRST_OUTPUT) != 0
            ? work.leaveAfterOutput(left)
            : work.leaveBeforeOutput(inputMicros, left);
    pipeline.released(this, candidate, outcome, nowNanos, drained);
  }

  @Override
  public boolean isComplete() {
    return (state & ENDED) != 0;
  }

  @Override
  public String toString() {
    Candidate candidate = chosen;
    return "Lease["
        + (candidate == null ? "not granted" : candidate.endpoint.id())
        + (isComplete() ? ", complete, " : ", ")
        + request
        + "]";
  }
}
