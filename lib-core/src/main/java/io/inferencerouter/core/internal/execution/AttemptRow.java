package io.inferencerouter.core.internal.execution;

import io.inferencerouter.Attempts;
import io.inferencerouter.AttemptsExhaustedException;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.core.Scheduler.Cancellation;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The attempts at one request.
 *
 * <p>A row is either about to acquire, or acquires, or has an attempt under way, or is over. Its
 * fields are plain: whoever receives a lease through a future sees what was written before that
 * future was completed. What another thread may ask for, on a revocation, it asks as long as the
 * lease is out, by which it sees the same. What both change is {@link Leaving}.
 */
public final class AttemptRow implements Attempts {
  private static final Duration SHORTEST_REST = Duration.ofMillis(10);
  private static final int LOOKS = 3;

  private enum Phase {
    READY,
    ACQUIRING,
    UNDER_WAY,
    OVER
  }

  private final InferenceRequest request;
  private final Entrance entrance;
  private final Retries retries;
  private final Executor executor;
  private final long startNanos;
  private final Leaving leaving = new Leaving();
  private Phase phase = Phase.READY;
  private Tried tried = Tried.NONE;
  private @Nullable Lease underWay;

  private Duration backoff = Duration.ZERO;
  private int made;
  private boolean begun;
  private RetryRefused.@Nullable Reason refusal;

  /**
   * Begins a row.
   *
   * @param executor completes the futures of leases that were waited for
   */
  public AttemptRow(
      InferenceRequest request, Entrance entrance, Retries retries, Executor executor) {
    this.request = Objects.requireNonNull(request, "request");
    this.entrance = entrance;
    this.retries = retries;
    this.executor = executor;
    this.startNanos = request.deadline().isPresent() ? retries.ticker.nanos() : 0;
  }

  /** Begins a row that goes on where another one has got to, with another request. */
  private AttemptRow(AttemptRow before, InferenceRequest request) {
    this(request, before.entrance, before.retries, before.executor);
    this.tried = before.tried;
    this.made = before.made;
    this.begun = true;
  }

  @Override
  public InferenceRequest request() {
    return request;
  }

  @Override
  public int made() {
    return made;
  }

  @Override
  public boolean isLast() {
    return made >= retries.policy.maxAttempts() || !(request.idempotent() || request.replayable());
  }

  @Override
  public CompletableFuture<Lease> next() {
    begin();
    if (!backoff.isZero()) {
      return afterBackoff();
    }
    Departure left = leaving.takeOnward();
    CompletableFuture<Lease> acquiring =
        left == null ? entrance.acquire(current(), tried, executor) : left.to();
    if (!acquiring.isDone()) {
      CompletableFuture<Lease> result = new CompletableFuture<>();
      pass(acquiring, result);
      return result;
    }
    if (acquiring.isCompletedExceptionally()) {
      refused();
    } else {
      granted(acquiring.join());
    }
    return acquiring;
  }

  @Override
  public Lease nextNow() {
    begin();
    boolean granted = false;
    try {
      Departure left = leaving.takeOnward();
      Lease kept = left == null ? null : left.leaseNow();
      Lease lease = kept == null ? entrance.acquireNow(current(), tried) : kept;
      granted(lease);
      granted = true;
      return lease;
    } finally {
      if (!granted) {
        refused();
      }
    }
  }

  @Override
  public boolean move(Set<String> avoided, Predicate<Lease> accepts) {
    Lease from = underWay();
    Set<String> excluded = new HashSet<>(avoided);
    excluded.addAll(tried.ids());
    excluded.add(from.endpoint().id());
    Lease to = entrance.acquireBesides(excluded, current()).orElse(null);
    if (to == null) {
      return false;
    }
    boolean accepted = false;
    try {
      accepted = accepts.test(to);
    } finally {
      if (!accepted) {
        to.close();
      }
    }
    if (accepted) {
      underWay = to;
    }
    return accepted;
  }

  private Lease underWay() {
    Lease lease = underWay;
    if (phase != Phase.UNDER_WAY || lease == null) {
      throw new IllegalStateException("attempt: none under way (expected: after a lease)");
    }
    return lease;
  }

  private void begin() {
    if (phase != Phase.READY) {
      throw new IllegalStateException(
          "attempt: not allowed (expected: the first one, or one after retryAfter has told when)");
    }
    phase = Phase.ACQUIRING;
    if (!begun) {
      begun = true;
      retries.began();
    }
  }

  /** The request with what is left of its deadline. */
  private InferenceRequest current() {
    Duration deadline = made == 0 ? null : request.deadline().orElse(null);
    return deadline == null
        ? request
        : request.toBuilder().deadline(Duration.ofNanos(Math.max(1, leftNanos(deadline)))).build();
  }

  private long leftNanos(Duration deadline) {
    return deadline.toNanos() - (retries.ticker.nanos() - startNanos);
  }

  private CompletableFuture<Lease> afterBackoff() {
    CompletableFuture<Lease> result = new CompletableFuture<>();
    acquireAfter(backoff, result, LOOKS);
    return result;
  }

  private void acquireAfter(Duration wait, CompletableFuture<Lease> result, int looks) {
    try {
      Cancellation delay = retries.delays.after(wait, () -> dispatch(result, looks));
      CompletableFuture<?> unused = result.whenComplete((lease, failure) -> delay.cancel());
    } catch (RejectedExecutionException rejected) {
      refused();
      result.completeExceptionally(rejected);
    }
  }

  private void dispatch(CompletableFuture<Lease> result, int looks) {
    try {
      executor.execute(
          () -> {
            if (!result.isDone()) {
              acquireLimited(result, looks);
            }
          });
    } catch (RejectedExecutionException rejected) {
      refused();
      result.completeExceptionally(rejected);
    }
  }

  /**
   * Acquires after a back-off. The endpoint that has named a time comes back at that time by a
   * timer of its own, which may fire a moment later than this one; only who has looked a few times,
   * or would wait for longer than allowed, is shed.
   */
  private void acquireLimited(CompletableFuture<Lease> result, int looks) {
    InferenceRequest current = current();
    Duration rest = looks > 1 ? entrance.limited(current).orElse(null) : null;
    if (rest != null && isAllowed(rest, current)) {
      acquireAfter(rest.compareTo(SHORTEST_REST) < 0 ? SHORTEST_REST : rest, result, looks - 1);
    } else {
      pass(entrance.acquire(current, tried, executor), result);
    }
  }

  private boolean isAllowed(Duration rest, InferenceRequest current) {
    return rest.compareTo(retries.policy.maxRetryAfter()) <= 0
        && current.deadline().filter(left -> left.compareTo(rest) <= 0).isEmpty();
  }

  /** Passes the lease on; if nobody wants it any more, it is not acquired, or returned. */
  private void pass(CompletableFuture<Lease> acquiring, CompletableFuture<Lease> result) {
    CompletableFuture<?> unused = result.whenComplete((lease, failure) -> acquiring.cancel(false));
    CompletableFuture<?> unusedToo =
        acquiring.whenComplete(
            (lease, failure) -> {
              if (failure != null) {
                refused();
                result.completeExceptionally(failure);
                return;
              }
              granted(lease);
              if (!result.complete(lease)) {
                lease.close();
              }
            });
  }

  /** There is no lease to be had; whoever asks again has waited. */
  private void refused() {
    phase = Phase.READY;
    backoff = Duration.ZERO;
  }

  private void granted(Lease lease) {
    made++;
    underWay = lease;
    phase = Phase.UNDER_WAY;
  }

  /** Called by another thread, which has the lease from the one that uses this row. */
  @Override
  public boolean leave(BooleanSupplier givesUp) {
    Lease from = underWay;
    long now = retries.ticker.nanos();
    if (from == null || leaving.isUnderWay() || !mayLeave(now)) {
      return false;
    }
    String id = from.endpoint().id();
    CompletableFuture<Lease> to =
        entrance.acquireElsewhere(current(), id, tried.with(id, now), executor).orElse(null);
    if (to == null) {
      return false;
    }
    Departure departure = new Departure(from, to);
    if (!retries.failures.trySpend(now)) {
      departure.cancel();
      return false;
    }
    return leaving.by(departure, givesUp);
  }

  /** Whether another attempt could follow, and be paid for, as far as can be seen at once. */
  private boolean mayLeave(long nowNanos) {
    Duration deadline = request.deadline().orElse(null);
    return retries.isEnabled()
        && !isLast()
        && (deadline == null || leftNanos(deadline) > 0)
        && retries.failures.left(nowNanos) >= 1;
  }

  @Override
  public Optional<Duration> retryAfter(Outcome outcome) {
    EndedAttempt failed = end(outcome);
    leaving.ended(failed.lease());
    Optional<Duration> wait = waitAfter(failed);
    if (wait.isEmpty()) {
      end();
    }
    return wait;
  }

  private Optional<Duration> waitAfter(EndedAttempt failed) {
    boolean limited = failed.isLimited();
    if (!retries.isEnabled() || !(limited || failed.isFault())) {
      return Optional.empty();
    }
    long now = tried(failed);
    boolean left = leaving.isOnward();
    long wait = left ? 0 : waitNanos(limited, now);
    RetryBudget budget = limited ? retries.moves : retries.failures;
    refusal = failed.isSafeToRepeat() ? refusal(wait, budget, now) : RetryRefused.Reason.UNSAFE;
    if (refusal != null) {
      entrance.refused(failed.refused(refusal));
      return Optional.empty();
    }
    phase = Phase.READY;
    backoff = Duration.ofNanos(wait);
    entrance.retried(failed.retried(backoff, budget.left(now), left));
    return Optional.of(backoff);
  }

  @Override
  public void end() {
    leaving.end();
  }

  @Override
  public Optional<Attempts> continuation(Outcome outcome, InferenceRequest rest) {
    Objects.requireNonNull(rest, "rest");
    EndedAttempt failed = end(outcome);
    if (!retries.isEnabled() || !failed.isFault()) {
      return Optional.empty();
    }
    long now = tried(failed);
    AttemptRow next = new AttemptRow(this, within(rest));
    long wait = next.waitNanos(false, now);
    refusal = next.refusal(wait, retries.failures, now);
    if (refusal != null) {
      entrance.refused(failed.refused(refusal));
      return Optional.empty();
    }
    next.backoff = Duration.ofNanos(wait);
    entrance.retried(failed.retried(next.backoff, retries.failures.left(now), false));
    return Optional.of(next);
  }

  @Override
  public Optional<AttemptsExhaustedException> exhausted() {
    RetryRefused.Reason reason = refusal;
    return reason == null || reason == RetryRefused.Reason.UNSAFE
        ? Optional.empty()
        : Optional.of(
            new AttemptsExhaustedException(
                reason,
                "attempts: "
                    + made
                    + " made, no other because of "
                    + reason
                    + " (expected: one that succeeds); endpoints: "
                    + entrance.states(request)));
  }

  /** Another request, with no more time than is left of this one's. */
  private InferenceRequest within(InferenceRequest rest) {
    Duration deadline = request.deadline().orElse(null);
    if (deadline == null) {
      return rest;
    }
    Duration left = Duration.ofNanos(Math.max(1, leftNanos(deadline)));
    return rest.deadline().filter(own -> own.compareTo(left) <= 0).isPresent()
        ? rest
        : rest.toBuilder().deadline(left).build();
  }

  /** Ends the attempt under way. */
  private EndedAttempt end(Outcome outcome) {
    EndedAttempt ended = EndedAttempt.of(request, underWay(), outcome, made);
    underWay = null;
    phase = Phase.OVER;
    return ended;
  }

  /** Notes where an attempt has failed; says what time it is. */
  private long tried(EndedAttempt failed) {
    long now = retries.ticker.nanos();
    tried = failed.addedTo(tried, now);
    return now;
  }

  private long waitNanos(boolean limited, long nowNanos) {
    boolean elsewhere = entrance.hasOthers(request, tried.ids());
    if (elsewhere) {
      return limited ? 0 : retries.backoffNanos(made);
    }
    return Math.max(retries.backoffNanos(made), tried.restNanos(nowNanos));
  }

  private RetryRefused.@Nullable Reason refusal(long waitNanos, RetryBudget budget, long nowNanos) {
    Duration deadline = request.deadline().orElse(null);
    long left = deadline == null ? Long.MAX_VALUE : leftNanos(deadline);
    RetryRefused.Reason reason = retries.refusal(made, waitNanos, left);
    if (reason != null) {
      return reason;
    }
    return leaving.isOnward() || budget.trySpend(nowNanos) ? null : RetryRefused.Reason.BUDGET;
  }

  @Override
  public String toString() {
    return "Attempts[" + made + " made, " + phase + ", " + request + "]";
  }
}
