package io.inferencerouter.core.internal.health;

import io.inferencerouter.ActiveProbe;
import io.inferencerouter.EjectionReason;
import io.inferencerouter.EjectionReason.Cause;
import io.inferencerouter.EjectionWithheld;
import io.inferencerouter.Endpoint;
import io.inferencerouter.ProbeResult;
import io.inferencerouter.Ticker;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.ProbePolicy;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.internal.concurrent.SerialLoop;
import io.inferencerouter.core.internal.health.ModelCounts.Group;
import io.inferencerouter.core.internal.membership.Membership;
import io.inferencerouter.core.internal.state.Ejection;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.Member.Phase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Probes the endpoints from time to time: ejects those that fail several probes in a row, as long
 * as {@linkplain EjectionLimits enough are left}, and brings those back that are ejected for their
 * health and answer several in a row.
 *
 * <p>Whatever happens (a time has come, an answer, none in time) is put into an inbox, which one
 * thread at a time empties, on the router's executor. So no request waits for a probe, and nothing
 * here needs a lock. Times count from the start of a probe to the start of the next, so that slow
 * answers do not make recoveries go unnoticed for longer.
 */
public final class Prober {
  /** Until a probe brings it back; renewed as long as probes fail. */
  private static final long EJECTION_NANOS = Duration.ofHours(1).toNanos();

  private static final int FRACTION_BITS = 20;

  /** One probe that is under way. */
  private static final class Attempt {
    final ProbeRecord record;
    final long startedNanos;
    private boolean settled;
    private Scheduler.@Nullable Cancellation timeout;

    Attempt(ProbeRecord record, long startedNanos) {
      this.record = record;
      this.startedNanos = startedNanos;
    }
  }

  private final ActiveProbe probe;
  private final ProbePolicy policy;
  private final EjectionLimits limits;
  private final Membership membership;
  private final ReturnTimer timer;
  private final Scheduler scheduler;
  private final Executor executor;
  private final Ticker ticker;
  private final LongSupplier random;
  private final HealthObserver observer;
  private final SerialLoop loop = new SerialLoop(this::empty);
  private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /** Used in the loop only. */
  private final Map<String, ProbeRecord> records = new HashMap<>();

  private final ArrayDeque<ProbeRecord> waiting = new ArrayDeque<>();
  private int underWay;

  /** Whether there may be members that have no record, as nothing could be scheduled for them. */
  private boolean isSomeLost;

  /** Creates it; {@link #membersChanged} starts it. */
  public Prober(
      ActiveProbe probe,
      ProbePolicy policy,
      HealthPolicy health,
      Membership membership,
      ReturnTimer timer,
      Scheduler scheduler,
      Executor executor,
      Ticker ticker,
      LongSupplier random,
      HealthObserver observer) {
    this.probe = probe;
    this.policy = policy;
    this.limits = new EjectionLimits(health);
    this.membership = membership;
    this.timer = timer;
    this.scheduler = scheduler;
    this.executor = executor;
    this.ticker = ticker;
    this.random = random;
    this.observer = observer;
  }

  /** To be called when the set of endpoints has changed. */
  public void membersChanged() {
    post(this::lookForMembers);
  }

  /** Starts no more probes. */
  public void close() {
    closed = true;
  }

  private void post(Runnable what) {
    if (closed) {
      return;
    }
    inbox.add(what);
    try {
      executor.execute(loop::run);
    } catch (RejectedExecutionException e) {
      observer.taskRejected(e);
      loop.run();
    }
  }

  private void empty() {
    for (Runnable next = inbox.poll(); next != null; next = inbox.poll()) {
      next.run();
    }
  }

  private void lookForMembers() {
    isSomeLost = false;
    records.keySet().removeIf(id -> membership.fleet().member(id) == null);
    for (Member member : membership.fleet().members()) {
      String id = member.endpoint().id();
      ProbeRecord known = records.get(id);
      if (member.phase() != Phase.DRAINING && (known == null || known.state != member.state())) {
        ProbeRecord record = new ProbeRecord(id, member.state());
        records.put(id, record);
        // Anywhere in the interval, so that not all are probed at the same moment.
        beginLater(record, fraction(policy.interval()));
      }
    }
  }

  private Duration fraction(Duration whole) {
    long part = random.getAsLong() >>> (Long.SIZE - FRACTION_BITS);
    return Duration.ofNanos((long) (whole.toNanos() * Math.scalb((double) part, -FRACTION_BITS)));
  }

  private Scheduler.@Nullable Cancellation schedule(Duration delay, Runnable what) {
    try {
      return closed ? null : scheduler.schedule(delay, () -> post(what));
    } catch (RejectedExecutionException e) {
      if (!closed) {
        observer.taskRejected(e);
      }
      return null;
    }
  }

  private @Nullable Member member(ProbeRecord record) {
    Member member = membership.fleet().member(record.id);
    return member != null && member.state() == record.state && member.phase() != Phase.DRAINING
        ? member
        : null;
  }

  private void begin(ProbeRecord record) {
    if (underWay >= policy.maxConcurrent()) {
      waiting.add(record);
      return;
    }
    Member member = member(record);
    if (member == null || closed) {
      records.remove(record.id, record);
      return;
    }
    underWay++;
    Attempt attempt = new Attempt(record, ticker.nanos());
    attempt.timeout =
        schedule(
            policy.timeout(),
            () -> settle(attempt, ProbeResult.unhealthy("no answer within " + policy.timeout())));
    ask(member.endpoint(), attempt);
  }

  private void ask(Endpoint endpoint, Attempt attempt) {
    try {
      var unused =
          probe
              .probe(endpoint, policy.timeout())
              .whenComplete(
                  (result, failure) ->
                      post(
                          () ->
                              settle(
                                  attempt,
                                  failure == null && result != null
                                      ? result
                                      : ProbeResult.unhealthy("the probe failed"))));
    } catch (Throwable thrown) {
      observer.probeFailed(thrown);
      settle(attempt, ProbeResult.unhealthy("the probe threw"));
    }
  }

  private void settle(Attempt attempt, ProbeResult result) {
    if (attempt.settled) {
      return;
    }
    attempt.settled = true;
    underWay--;
    if (attempt.timeout != null) {
      attempt.timeout.cancel();
    }
    ProbeRecord record = attempt.record;
    Member member = member(record);
    if (member != null) {
      if (result.isHealthy()) {
        good(member, record.good(member.ejection(), attempt.startedNanos));
      } else {
        bad(member, record.bad());
      }
      Duration elapsed = Duration.ofNanos(Math.max(0, ticker.nanos() - attempt.startedNanos));
      Duration rest = policy.interval().plus(fraction(policy.jitter())).minus(elapsed);
      beginLater(record, rest.isNegative() ? Duration.ZERO : rest);
    } else {
      records.remove(record.id, record);
    }
    if (isSomeLost) {
      lookForMembers();
    }
    beginWaiting();
  }

  /** Of those that wait some may have left, which make no use of their turn. */
  private void beginWaiting() {
    while (underWay < policy.maxConcurrent() && !waiting.isEmpty()) {
      begin(waiting.remove());
    }
  }

  /** Begins a probe later; if that cannot be had, as soon as the members are next looked at. */
  private void beginLater(ProbeRecord record, Duration delay) {
    if (schedule(delay, () -> begin(record)) == null) {
      records.remove(record.id, record);
      isSomeLost = true;
    }
  }

  private void good(Member member, int inARow) {
    if (inARow < policy.rise() || !EjectionLimits.isEjectedForHealth(member)) {
      return;
    }
    String id = member.endpoint().id();
    OptionalLong wait =
        membership.ejections().recovered(member.state(), id, inARow + " good probes in a row");
    if (wait.isPresent()) {
      endLater(id, wait.getAsLong());
    } else {
      timer.returned();
    }
  }

  private void bad(Member member, int inARow) {
    if (inARow < policy.fall()) {
      return;
    }
    long now = ticker.nanos();
    Ejection ejection = member.ejection();
    if (ejection != null && ejection.untilNanos() - now > EJECTION_NANOS / 2) {
      return;
    }
    EjectionReason reason = EjectionReason.of(Cause.PROBES_FAILED, inARow, policy.fall());
    String id = member.endpoint().id();
    long until = now + EJECTION_NANOS;
    if (membership.ejections().ejectIf(member.state(), id, reason, until, limits::allow)) {
      endLater(id, until);
      return;
    }
    Group group = limits.hindrance(membership.fleet(), member);
    if (group != null && inARow == policy.fall()) {
      observer.withheld(
          new EjectionWithheld(
              member.endpoint(), reason, group.model, group.usable, group.members));
    }
  }

  private void endLater(String id, long untilNanos) {
    try {
      timer.schedule(id, Duration.ofNanos(untilNanos - ticker.nanos()), untilNanos);
    } catch (RejectedExecutionException e) {
      observer.taskRejected(e);
    }
  }
}
