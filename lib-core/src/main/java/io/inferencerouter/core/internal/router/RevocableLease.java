package io.inferencerouter.core.internal.router;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.EndpointState;
import io.inferencerouter.core.internal.watch.Watched;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a lease knows for the case that it is taken back, and for those who watch it.
 *
 * <h2>Who hears of a revocation</h2>
 *
 * <p>One word says how far it has come: nothing; an action that listens; a revocation that came
 * before anybody listened; or both. It changes by compare-and-set only, and whoever brings the two
 * together runs the action, so it runs once for each, and not twice in a row for the same, unless
 * those who watch the lease ask again: then once more if it has run. It is volatile for the sake of
 * the withdrawal of an endpoint: the membership first says that and then looks for leases, a lease
 * first has its action and then looks whether its endpoint is withdrawn, so that one of the two
 * sees the other.
 *
 * <p>A final revocation first ends the lease, by the same step as everybody else, and is none if
 * that comes too late. So it runs the action once as well, without a look at the word's history.
 */
abstract class RevocableLease extends Decision implements Watched {
  private static final VarHandle REVOCATION;
  private static final VarHandle PULSE;

  /** The bit of the pulse that says that the answer is held back; the others count. */
  private static final byte HELD_BACK = 1;

  private static final byte BEAT = 2;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      REVOCATION = lookup.findVarHandle(RevocableLease.class, "revocation", Object.class);
      PULSE = lookup.findVarHandle(RevocableLease.class, "pulse", byte.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** An action and what it is run with, once. */
  private static final class Told implements Consumer<Revocation> {
    private final Consumer<Revocation> action;
    private final Revocation why;
    private volatile boolean hasRun;

    Told(Consumer<Revocation> action, Revocation why) {
      this.action = action;
      this.why = why;
    }

    @Override
    public void accept(Revocation revocation) {
      try {
        action.accept(revocation);
      } finally {
        hasRun = true;
      }
    }
  }

  /** Null, an action, a {@link Revocation}, or a {@link Told}. */
  private volatile @Nullable Object revocation;

  /**
   * Signs of life that are no output, and whether the answer is held back. Opaque: written by who
   * reads the answer, one thread at a time; sweeps read it, and the newest value is soon enough.
   */
  private byte pulse;

  final Pipeline pipeline;

  RevocableLease(
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

  /** The candidate that was reserved. */
  abstract Candidate chosen();

  /** Whether it is watched from the beginning. */
  abstract boolean isWatched();

  /** Whether somebody else loads the model. */
  abstract boolean waitsForLoad();

  /** Input reserved on the endpoint, in microseconds. */
  abstract int inputMicros();

  /**
   * Seconds of input that was ahead; of input alone, the seconds that were reserved; for a stream,
   * once its first output has come, the seconds until then.
   */
  abstract double untilFirstOutput();

  @Override
  public final EndpointState endpointState() {
    return chosen().state;
  }

  @Override
  public final long predictedFirstOutputNanos() {
    Candidate candidate = chosen();
    double load = waitsForLoad() ? candidate.service.residency.pendingLoadSeconds() : 0;
    double rest = load + candidate.fixedSeconds() + candidate.secondsPerOutputUnit();
    return (long) ((untilFirstOutput() + rest) * 1e9) + inputMicros() * 1_000L;
  }

  @Override
  public final long firstOutputNanos() {
    return (long) (untilFirstOutput() * 1e9);
  }

  @Override
  public final long predictedStepNanos() {
    double beside = neighbours(chosen().work, 0);
    return (long) (Lessons.predictedOutput(chosen(), 1, beside) * 1e9);
  }

  @Override
  public void onRevoked(Consumer<Revocation> action) {
    Objects.requireNonNull(action, "action");
    Object before = REVOCATION.compareAndExchange(this, null, action);
    while (before instanceof Revocation why) {
      Told told = new Told(action, why);
      if (REVOCATION.compareAndSet(this, before, told)) {
        if (why.isFinal() || !isComplete()) {
          pipeline.deliver(told, why);
        }
        return;
      }
      before = revocation;
    }
    if (before != null) {
      throw new IllegalStateException("onRevoked: called before (expected: once for each lease)");
    }
    listening();
  }

  /** Sees to it that the action is found when it is needed, and looks whether it is now. */
  private void listening() {
    if (!isWatched()) {
      pipeline.watch(this);
    }
    Revocation why = endpointState().withdrawn();
    if (why != null) {
      boolean unused = revoke(why);
    }
  }

  @Override
  public boolean revoke(Revocation why) {
    return why.isFinal() ? end(why) : ask(why);
  }

  @Override
  public boolean askAgain(Revocation why) {
    Object before = revocation;
    if (!(before instanceof Told told) || told.why != why) {
      return ask(why);
    }
    if (!told.hasRun || isComplete() || isAnswered()) {
      return false;
    }
    Told again = new Told(told.action, why);
    if (!REVOCATION.compareAndSet(this, told, again)) {
      return false;
    }
    pipeline.deliver(again, why);
    return true;
  }

  private boolean ask(Revocation why) {
    Object before;
    Told told;
    do {
      if (isComplete() || isAnswered()) {
        return false;
      }
      before = REVOCATION.compareAndExchange(this, null, why);
      if (before == null
          || before instanceof Revocation
          || (before instanceof Told same && same.why == why)) {
        return false;
      }
      told = new Told(action(before), why);
    } while (!REVOCATION.compareAndSet(this, before, told));
    pipeline.deliver(told, why);
    return true;
  }

  @SuppressWarnings("unchecked") // what is neither null, Revocation nor Told is an action
  private static Consumer<Revocation> action(Object listening) {
    return listening instanceof Told told ? told.action : (Consumer<Revocation>) listening;
  }

  private boolean end(Revocation why) {
    if ((why == Revocation.STALLED && !isListenedTo(revocation)) || !complete(why.outcome())) {
      return false;
    }
    Object before = REVOCATION.getAndSet(this, why);
    if (isListenedTo(before)) {
      pipeline.deliver(action(before), why);
    }
    return true;
  }

  private static boolean isListenedTo(@Nullable Object word) {
    return word != null && !(word instanceof Revocation);
  }

  /** With what somebody was asked to give the attempt up, or what has ended it. */
  public final Optional<Revocation> revocation() {
    Object now = revocation;
    return now instanceof Told told
        ? Optional.of(told.why)
        : now instanceof Revocation why && why.isFinal() ? Optional.of(why) : Optional.empty();
  }

  @Override
  public final void backpressure(boolean heldBack) {
    PULSE.setOpaque(this, (byte) (heldBack ? pulse | HELD_BACK : pulse & ~HELD_BACK));
  }

  /** Takes note of a sign of life that is no output. */
  final void beat() {
    PULSE.setOpaque(this, (byte) (pulse + BEAT));
  }

  @Override
  public final boolean isHeldBack() {
    return ((byte) PULSE.getOpaque(this) & HELD_BACK) != 0;
  }

  /** How many such signs there were, modulo some power of two. */
  final int beats() {
    return (byte) PULSE.getOpaque(this) >> 1;
  }
}
