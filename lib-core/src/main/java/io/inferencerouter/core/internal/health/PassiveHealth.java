package io.inferencerouter.core.internal.health;

import io.inferencerouter.EjectionReason;
import io.inferencerouter.EjectionReason.Cause;
import io.inferencerouter.EjectionWithheld;
import io.inferencerouter.Ticker;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.internal.concurrent.SerialLoop;
import io.inferencerouter.core.internal.health.Judgment.Wait;
import io.inferencerouter.core.internal.health.ModelCounts.Group;
import io.inferencerouter.core.internal.membership.Membership;
import io.inferencerouter.core.internal.state.Ejection;
import io.inferencerouter.core.internal.state.EndpointState;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.Member.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Judges endpoints by the answers they give, and ejects those that are not well.
 *
 * <h2>Off the path of requests</h2>
 *
 * <p>A release leaves counts in words of the endpoint. Here they are read, by one thread at a time:
 * every {@linkplain HealthPolicy#INTERVAL second} as long as there is traffic, and at once when an
 * endpoint has failed too often in a row. What comes of it is the closed bit of the endpoint, which
 * is all that a request reads.
 *
 * <h2>The judgment</h2>
 *
 * <p>In this order: failures in a row; the breaker, which looks at the endpoint alone; the failure
 * rate, and the time taken in proportion to what was predicted, against the {@linkplain
 * FleetMedians median} of the endpoints of the same model. Compared with the others, trouble that
 * all of them have is nobody's fault.
 *
 * <h2>The limits</h2>
 *
 * <p>Of those that should go the worst go first, as long as enough are {@linkplain EjectionLimits
 * left}. When one has to stay that should go, the one that has been away longest comes back, if its
 * first ejection would be over by now: it may be better than those that are left, and if it is not,
 * the next has its turn. So when all fail, all are tried.
 */
public final class PassiveHealth {
  private static final double WINDOW_SECONDS = HealthPolicy.WINDOW.toNanos() * 1e-9;

  /** An ejection is extended by no less than this part of what is asked for. */
  private static final int LEAST_EXTENSION_PARTS = 10;

  private record RateLimit(
      EndpointState state, String id, Optional<Duration> retryAfter, long acquiredNanos) {}

  private record Suspect(Member member, EndpointHealth health, EjectionReason reason) {}

  private static final Comparator<Suspect> WORST_FIRST =
      Comparator.<Suspect>comparingInt(s -> -s.health.state.work.failuresInARow())
          .thenComparingDouble(s -> -s.health.failureRate())
          .thenComparingDouble(s -> -s.health.pace());

  private final HealthPolicy policy;
  private final EjectionLimits limits;
  private final Membership membership;
  private final ReturnTimer timer;
  private final Ticker ticker;
  private final HealthObserver observer;
  private final SerialLoop loop = new SerialLoop(this::judge);
  private final Queue<RateLimit> rateLimits = new ConcurrentLinkedQueue<>();

  /** Used in the loop only. */
  private final Map<String, EndpointHealth> healths = new HashMap<>();

  private long judgedNanos;

  /** Creates it; it does nothing by itself. */
  public PassiveHealth(
      HealthPolicy policy,
      Membership membership,
      ReturnTimer timer,
      Ticker ticker,
      HealthObserver observer) {
    this.policy = policy;
    this.limits = new EjectionLimits(policy);
    this.membership = membership;
    this.timer = timer;
    this.ticker = ticker;
    this.observer = observer;
    this.judgedNanos = ticker.nanos();
  }

  /** Whether a number of failures in a row is one at which to {@link #judge} at once. */
  public static boolean isTooMany(HealthPolicy policy, int inARow) {
    return policy.isEnabled() && inARow % policy.consecutiveFailures() == 0;
  }

  /** Judges all endpoints, or has it done by the thread which is about it. */
  public void evaluate() {
    loop.run();
  }

  /**
   * An endpoint has refused a request for reasons of quota.
   *
   * @param acquiredNanos when the request was routed
   */
  public void rateLimited(
      EndpointState state, String id, Optional<Duration> retryAfter, long acquiredNanos) {
    rateLimits.add(new RateLimit(state, id, retryAfter, acquiredNanos));
    loop.run();
  }

  private void judge() {
    long now = ticker.nanos();
    Fleet fleet = membership.fleet();
    double kept = StrictMath.exp(-Math.max(0, now - judgedNanos) * 1e-9 / WINDOW_SECONDS);
    judgedNanos = now;
    healths.keySet().removeIf(id -> fleet.member(id) == null);
    List<RateLimit> limited = rateLimits();
    decide(limited, now, this::backOff);
    List<Suspect> suspects = suspects(fleet, kept, now);
    suspects.sort(WORST_FIRST);
    decide(suspects, now, this::eject);
  }

  private List<RateLimit> rateLimits() {
    List<RateLimit> limited = new ArrayList<>();
    for (RateLimit limit = rateLimits.poll(); limit != null; limit = rateLimits.poll()) {
      limited.add(limit);
    }
    return limited;
  }

  /** Decides on cases one after the other, and makes what comes of it in one step. */
  private <T> void decide(List<T> cases, long now, BiConsumer<T, Judgment> decision) {
    if (cases.isEmpty()) {
      return;
    }
    Judgment judgment =
        membership
            .ejections()
            .together(
                round -> {
                  Judgment decided = new Judgment(round, limits, policy, now);
                  cases.forEach(one -> decision.accept(one, decided));
                  return decided;
                });
    judgment.waits().forEach(this::schedule);
    if (judgment.isAnyBack()) {
      timer.returned();
    }
  }

  private EndpointHealth health(Member member, long nowNanos) {
    String id = member.endpoint().id();
    EndpointHealth known = healths.get(id);
    if (known == null || known.state != member.state()) {
      known = new EndpointHealth(member.state(), policy, nowNanos);
      healths.put(id, known);
    }
    return known;
  }

  private List<Suspect> suspects(Fleet fleet, double kept, long now) {
    Map<String, List<EndpointHealth>> comparable = new HashMap<>();
    Map<Member, EndpointHealth> routable = new HashMap<>();
    List<Member> members = fleet.members();
    for (Member member : members) {
      EndpointHealth health = health(member, now);
      health.observe(member.isRoutable(), EjectionLimits.isEjectedForHealth(member), kept, now);
      if (member.isRoutable()) {
        routable.put(member, health);
        if (health.isComparable()) {
          for (String model : ModelCounts.modelsOf(fleet, member)) {
            comparable.computeIfAbsent(model, unused -> new ArrayList<>()).add(health);
          }
        }
      }
    }
    FleetMedians usual = new FleetMedians(comparable);
    List<Suspect> suspects = new ArrayList<>();
    for (Member member : members) {
      EndpointHealth health = routable.get(member);
      if (health != null) {
        EjectionReason reason = reason(health, usual, ModelCounts.modelsOf(fleet, member));
        if (reason == null) {
          health.isWell();
        } else {
          suspects.add(new Suspect(member, health, reason));
        }
      }
    }
    return suspects;
  }

  private @Nullable EjectionReason reason(
      EndpointHealth health, FleetMedians usual, List<String> models) {
    int inARow = health.state.work.failuresInARow();
    if (inARow >= policy.consecutiveFailures()) {
      return EjectionReason.of(Cause.CONSECUTIVE_FAILURES, inARow, policy.consecutiveFailures());
    }
    if (health.breaker.isOpen()) {
      return EjectionReason.of(
          Cause.BREAKER_OPEN, health.breaker.failureRate(), policy.breakerFailureRate());
    }
    if (!health.isComparable()) {
      return null;
    }
    double failureRateLimit = usual.failureRate(models) + policy.failureRateMargin();
    if (health.failureRate() > failureRateLimit) {
      return EjectionReason.of(Cause.FAILURE_RATE, health.failureRate(), failureRateLimit);
    }
    double paceLimit = policy.latencyFactor() * Math.max(1, usual.pace(models));
    return health.pace() > paceLimit
        ? EjectionReason.of(Cause.LATENCY, health.pace(), paceLimit)
        : null;
  }

  private void eject(Suspect suspect, Judgment judgment) {
    Duration duration = suspect.health.ejection();
    if (judgment.eject(suspect.member, suspect.reason, duration, judgment::isAllowed)) {
      suspect.health.ejected(duration);
      return;
    }
    Group group = judgment.hindrance(suspect.member);
    if (group == null) {
      return; // it has just left, or been ejected by somebody else
    }
    if (suspect.health.ejectionWithheld()) {
      EjectionWithheld event =
          new EjectionWithheld(
              suspect.member.endpoint(), suspect.reason, group.model, group.usable, group.members);
      judgment.tell(() -> observer.withheld(event));
    }
    judgment.letReturn(group.model);
  }

  private void backOff(RateLimit limit, Judgment judgment) {
    long now = judgedNanos;
    Member member = judgment.member(limit.id);
    if (member == null || member.state() != limit.state || member.phase() == Phase.DRAINING) {
      return;
    }
    EndpointHealth health = health(member, now);
    boolean asked = limit.retryAfter.filter(wait -> !wait.isZero()).isPresent();
    if (!asked && (!member.isRoutable() || health.isFromBeforeRateLimit(limit.acquiredNanos))) {
      return; // one of many that were under way together
    }
    Duration wait = limit.retryAfter.filter(unused -> asked).orElseGet(() -> health.backOff(now));
    Duration bounded = wait.compareTo(policy.maxBackOff()) < 0 ? wait : policy.maxBackOff();
    if (isWaitedFor(member.ejection(), bounded, now)) {
      return;
    }
    EjectionReason reason =
        EjectionReason.of(
            Cause.RATE_LIMITED, wait.toNanos() * 1e-9, policy.maxBackOff().toNanos() * 1e-9);
    // Who names a time has earned to be believed; a time of our own making must not leave nobody.
    if (asked) {
      if (judgment.eject(member, reason, bounded, any -> true)) {
        health.rateLimited(now);
      }
    } else if (judgment.eject(
        member, reason, bounded, one -> one.isRoutable() && judgment.othersAreLeft(one))) {
      health.rateLimited(now);
      health.backedOff(bounded, now);
    }
  }

  /** Whether an endpoint is left alone for about that long already. */
  private static boolean isWaitedFor(@Nullable Ejection ejection, Duration wait, long now) {
    long nanos = wait.toNanos();
    return ejection != null
        && now + nanos - ejection.firmUntilNanos() < nanos / LEAST_EXTENSION_PARTS;
  }

  private void schedule(Wait wait) {
    try {
      timer.schedule(wait.id(), wait.delay(), wait.untilNanos());
    } catch (RejectedExecutionException e) {
      observer.taskRejected(e);
    }
  }
}
