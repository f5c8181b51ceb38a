package io.inferencerouter.core.internal.health;

import io.inferencerouter.EjectionReason;
import io.inferencerouter.EjectionReason.Cause;
import io.inferencerouter.EjectionWithheld;
import io.inferencerouter.Ticker;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.internal.concurrent.SerialLoop;
import io.inferencerouter.core.internal.health.EjectionLimits.Group;
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
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiPredicate;
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
    for (RateLimit limit = rateLimits.poll(); limit != null; limit = rateLimits.poll()) {
      backOff(limit, now);
    }
    List<Suspect> suspects = suspects(fleet, kept, now);
    suspects.sort(WORST_FIRST);
    for (Suspect suspect : suspects) {
      eject(suspect, now);
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
          for (String model : EjectionLimits.modelsOf(fleet, member)) {
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
        EjectionReason reason = reason(health, usual, EjectionLimits.modelsOf(fleet, member));
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

  private void eject(Suspect suspect, long now) {
    Duration duration = suspect.health.ejection();
    if (eject(suspect.member, suspect.reason, duration, now, limits::allow)) {
      suspect.health.ejected(duration);
      return;
    }
    Fleet fleet = membership.fleet();
    Group group = limits.hindrance(fleet, suspect.member);
    if (group == null) {
      return; // it has just left, or been ejected by somebody else
    }
    if (suspect.health.ejectionWithheld()) {
      observer.withheld(
          new EjectionWithheld(
              suspect.member.endpoint(),
              suspect.reason,
              group.model(),
              group.usable(),
              group.members()));
    }
    letReturn(fleet, group.model(), now);
  }

  /** Lets the one come back that has been away longest, if it has been away long enough. */
  private void letReturn(Fleet fleet, String model, long now) {
    Member longest = null;
    long longestAway = policy.baseEjection().toNanos() - 1;
    for (Member member : fleet.members()) {
      Ejection ejection = member.ejection();
      if (ejection != null
          && EjectionLimits.isEjectedForHealth(member)
          && EjectionLimits.isOf(member, model)
          && now - ejection.sinceNanos() > longestAway) {
        longest = member;
        longestAway = now - ejection.sinceNanos();
      }
    }
    if (longest != null) {
      String id = longest.endpoint().id();
      OptionalLong wait =
          membership
              .ejections()
              .recovered(longest.state(), id, "the others fail as well: another trial");
      if (wait.isPresent()) {
        schedule(id, Duration.ofNanos(wait.getAsLong() - now), wait.getAsLong());
      } else {
        timer.returned();
      }
    }
  }

  private void backOff(RateLimit limit, long now) {
    Member member = membership.fleet().member(limit.id);
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
      if (eject(member, reason, bounded, now, (f, m) -> true)) {
        health.rateLimited(now);
      }
    } else if (eject(
        member,
        reason,
        bounded,
        now,
        (f, m) -> m.isRoutable() && EjectionLimits.othersAreLeft(f, m))) {
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

  private boolean eject(
      Member member,
      EjectionReason reason,
      Duration duration,
      long now,
      BiPredicate<Fleet, Member> allowed) {
    String id = member.endpoint().id();
    long until = now + duration.toNanos();
    boolean ejected = membership.ejections().ejectIf(member.state(), id, reason, until, allowed);
    if (ejected) {
      schedule(id, duration, until);
    }
    return ejected;
  }

  private void schedule(String id, Duration delay, long untilNanos) {
    try {
      timer.schedule(id, delay, untilNanos);
    } catch (RejectedExecutionException e) {
      observer.taskRejected(e);
    }
  }
}
