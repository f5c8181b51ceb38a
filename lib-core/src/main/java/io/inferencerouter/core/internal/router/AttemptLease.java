package io.inferencerouter.core.internal.router;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.internal.execution.AttemptedLease;
import io.inferencerouter.core.internal.state.CandidateSet;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lease of one attempt of a row: to its selector, endpoints that are not to be tried are not
 * available, and it remembers how it ended.
 */
final class AttemptLease extends RoutedLease implements AttemptedLease {
  private static final VarHandle OUTCOME;

  static {
    try {
      OUTCOME =
          MethodHandles.lookup()
              .findVarHandle(AttemptLease.class, "excludedThenOutcome", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Stands for the outcome that is not there yet, once there is output. */
  private static final Outcome BEGUN = Outcome.cancelled().withProgress(Outcome.Progress.RECEIVED);

  /**
   * The ids of the endpoints that are not to be tried, a set, null if it is empty, until one is
   * chosen; from then on the outcome, null as long as there is none. In one field, for a lease is
   * to stay small, and nobody has it before an endpoint is chosen.
   *
   * <p>Written by whoever reports; of two reports at the same moment one may be lost, and then what
   * the transport says of the attempt counts. Release and acquire suffice for that; what is written
   * before anybody has the lease is plain, as a fence would cost as much as a reservation.
   */
  private @Nullable Object excludedThenOutcome;

  AttemptLease(
      Pipeline pipeline,
      CandidateSet candidates,
      InferenceRequest request,
      double inputWork,
      double outputWork,
      long nowNanos,
      long seed,
      Set<String> excluded) {
    super(pipeline, candidates, request, inputWork, outputWork, nowNanos, seed);
    this.excludedThenOutcome = excluded.isEmpty() ? null : excluded;
  }

  private boolean isExcluded(int index) {
    Object excluded = excludedThenOutcome;
    return excluded != null && isAmong((Set<?>) excluded, index);
  }

  /** Apart from the usual case, which is that none is excluded. */
  private boolean isAmong(Set<?> excluded, int index) {
    return excluded.contains(candidates.at(index).endpoint.id());
  }

  @Override
  public boolean isAvailable(int index) {
    return !isExcluded(index) && super.isAvailable(index);
  }

  @Override
  boolean reserve(int index) {
    if (isExcluded(index) || !super.reserve(index)) {
      return false;
    }
    excludedThenOutcome = null;
    return true;
  }

  @Override
  public void firstToken() {
    begun();
    super.firstToken();
  }

  @Override
  public void firstToken(long nowNanos) {
    begun();
    super.firstToken(nowNanos);
  }

  private void begun() {
    if (OUTCOME.getAcquire(this) == null) {
      OUTCOME.setRelease(this, BEGUN);
    }
  }

  @Override
  public boolean complete(Outcome outcome) {
    return ended(super.complete(outcome), outcome);
  }

  @Override
  public boolean complete(Outcome outcome, long nowNanos) {
    return ended(super.complete(outcome, nowNanos), outcome);
  }

  @SuppressWarnings("ReferenceEquality") // the one that stands for none
  private boolean ended(boolean first, Outcome stated) {
    if (first) {
      boolean received = OUTCOME.getAcquire(this) == BEGUN && stated.kind() != Outcome.Kind.SUCCESS;
      OUTCOME.setRelease(
          this,
          received && stated.progress().isEmpty()
              ? stated.withProgress(Outcome.Progress.RECEIVED)
              : stated);
    }
    return first;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the one that stands for none
  public Optional<Outcome> outcome() {
    Object now = OUTCOME.getAcquire(this);
    return now instanceof Outcome stated && stated != BEGUN
        ? Optional.of(stated)
        : Optional.empty();
  }
}
