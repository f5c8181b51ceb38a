package io.inferencerouter.core.internal.membership;

import io.inferencerouter.EjectionReason;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.EndpointReturned;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.internal.state.AnswerTally;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.Ejection;
import io.inferencerouter.core.internal.state.EndpointState;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.Member.Phase;
import io.inferencerouter.core.internal.state.Warmup;
import java.time.Duration;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The current {@link Fleet}, and every way in which it changes.
 *
 * <p>Routing reads the fleet and never waits for a change. Changes are rare, and each is two
 * things: a new fleet, and the closed bit in the admission word of the endpoints concerned. The bit
 * is what refuses a request that has read the fleet before the change and enters after it, so that
 * a drained endpoint is idle for good. As the two are not one step, changes exclude each other by a
 * lock; otherwise a change that was overtaken could open what a later one has closed.
 *
 * <p>Releasing a lease never takes the lock: where it finds an endpoint closed and idle, it hands
 * {@link #idle} to an executor.
 *
 * <p>Observers are called after the lock has been left, in the order of the changes.
 */
public final class Membership {
  private final ReentrantLock lock = new ReentrantLock();
  private final MembershipObserver observer;
  private final MembershipNews news;
  private final BitSet cacheSlots = new BitSet();

  /** Written under the lock; the volatile write publishes the fleet with all it refers to. */
  private volatile Fleet fleet;

  private final LongSupplier nanos;
  private final float firstShare;

  /**
   * Begins with a fleet without endpoints.
   *
   * @param nanos the time
   * @param firstShare the share with which an endpoint begins that joins others, or comes back to
   *     them; 1 for all of it
   */
  public Membership(
      Fleet empty, MembershipObserver observer, LongSupplier nanos, double firstShare) {
    this.fleet = empty;
    this.observer = observer;
    this.news = new MembershipNews(observer);
    this.nanos = nanos;
    this.firstShare = (float) firstShare;
  }

  /** The fleet as it is now. */
  public Fleet fleet() {
    return fleet;
  }

  /** Replaces the set of endpoints. */
  public void update(Map<String, Endpoint> endpoints) {
    locked(
        () -> {
          Map<String, Member> next = new LinkedHashMap<>();
          List<Member> staying =
              fleet.members().stream()
                  .filter(m -> m.isRoutable() && endpoints.containsKey(m.endpoint().id()))
                  .toList();
          endpoints.forEach((id, endpoint) -> next.put(id, admitted(endpoint, staying)));
          for (Member member : fleet.members()) {
            String id = member.endpoint().id();
            if (!next.containsKey(id)) {
              next.put(id, drainStarted(member, "no longer in the set of endpoints"));
            }
          }
          fleet = fleet.withMembers(next);
          next.values().forEach(this::synchronise);
          return fleet;
        });
  }

  private Member admitted(Endpoint endpoint, List<Member> staying) {
    Member known = fleet.member(endpoint.id());
    if (known == null) {
      news.changed(endpoint, null, Lifecycle.WARMING, "added");
      int slot = cacheSlots.nextClearBit(0);
      cacheSlots.set(slot);
      return startingSlowly(Member.joining(endpoint, slot), staying);
    }
    known.state().declared(endpoint);
    if (known.phase() != Phase.DRAINING) {
      return known.declaredAs(endpoint);
    }
    known.state().restarted(nanos.getAsLong());
    known.state().restored();
    news.changed(endpoint, Lifecycle.DRAINING, Lifecycle.WARMING, "added again");
    news.add(() -> observer.drained(known.drained(), false));
    return startingSlowly(known.declaredAs(endpoint).routable(), staying);
  }

  /**
   * Begins the slow start of a member, if there are others to which its requests can go meanwhile:
   * of those that begin together, none may get ahead of the rest for having answered more.
   */
  private Member startingSlowly(Member member, List<Member> others) {
    EndpointState state = member.state();
    boolean slowly = others.stream().anyMatch(other -> other.servesAlike(member.endpoint()));
    state.warmup.begin(
        slowly ? firstShare : 1, nanos.getAsLong(), AnswerTally.count(state.work.answersWord()));
    return member;
  }

  private Member drainStarted(Member member, String cause) {
    if (member.phase() == Phase.DRAINING) {
      return member;
    }
    news.changed(member.endpoint(), member.lifecycle(), Lifecycle.DRAINING, cause);
    return member.draining();
  }

  /** Starts to drain an endpoint, or joins its drain. */
  public CompletableFuture<@Nullable Void> drain(String id) {
    return locked(
        () -> {
          Member member = drainStarted(required(id), "drain requested");
          replace(member);
          return member.drained();
        });
  }

  /** As {@link #drain}, and takes back what is on it. */
  public CompletableFuture<@Nullable Void> remove(String id) {
    return locked(
        () -> {
          Member member = drainStarted(required(id), "removed");
          replace(member);
          withdraw(member.state(), Revocation.REMOVED);
          return member.drained();
        });
  }

  /** What becomes of attempts that are taken back says nothing more of the endpoint. */
  private void withdraw(EndpointState state, Revocation why) {
    if (state.withdraw(why)) {
      state.work.disregardBefore(nanos.getAsLong());
      news.add(() -> observer.withdrawn(state, why));
    }
  }

  /**
   * Ejects an endpoint until a moment; a longer ejection is not shortened.
   *
   * @return whether the ejection ends at that moment now
   * @throws IllegalArgumentException if there is no such endpoint, or it drains
   */
  public boolean eject(String id, EjectionReason reason, long untilNanos) {
    return locked(
        () -> {
          Member member = required(id);
          if (member.phase() == Phase.DRAINING) {
            throw new IllegalArgumentException(
                "endpoint " + id + ": draining (expected: an endpoint that takes requests)");
          }
          return ejected(member, reason, untilNanos);
        });
  }

  /**
   * As {@link #eject}, if the endpoint is still there and does not drain, and if the fleet as it is
   * at that moment can do without it.
   *
   * @param allowed is asked under the lock, so that of two ejections at the same time the second
   *     one knows of the first
   */
  public boolean ejectIf(
      EndpointState state,
      String id,
      EjectionReason reason,
      long untilNanos,
      BiPredicate<Fleet, Member> allowed) {
    return locked(
        () -> {
          Member member = fleet.member(id);
          return member != null
              && member.state() == state
              && member.phase() != Phase.DRAINING
              && allowed.test(fleet, member)
              && ejected(member, reason, untilNanos);
        });
  }

  private boolean ejected(Member member, EjectionReason reason, long untilNanos) {
    long now = nanos.getAsLong();
    Ejection before = member.ejection();
    Member after = member.ejected(Ejection.of(reason, now, untilNanos));
    if (after.ejection() == null || after.ejection().equals(before)) {
      return false;
    }
    boolean takesBack = reason.cause() != EjectionReason.Cause.RATE_LIMITED;
    if (before != null && before.untilNanos() - untilNanos >= 0) {
      replace(after); // no longer than before, but for another reason
      if (takesBack) {
        withdraw(member.state(), Revocation.EJECTED);
      }
      return false;
    }
    if (member.isRoutable()) {
      news.changed(member.endpoint(), member.lifecycle(), Lifecycle.EJECTED, reason.toString());
    }
    replace(after);
    List<Member> members =
        fleet.members().stream().filter(m -> m.phase() != Phase.DRAINING).toList();
    int ejected = (int) members.stream().filter(m -> !m.isRoutable()).count();
    EndpointEjected event =
        new EndpointEjected(
            member.endpoint(), reason, Duration.ofNanos(untilNanos - now), ejected, members.size());
    news.add(() -> observer.ejected(event));
    if (takesBack) {
      withdraw(member.state(), Revocation.EJECTED);
    }
    return true;
  }

  /** Ends the ejection of an endpoint, if it is ejected. */
  public void reinstate(String id, String cause) {
    locked(
        () -> {
          Member member = required(id);
          return member.phase() == Phase.EJECTED && reinstated(member, cause);
        });
  }

  /**
   * Ends the ejection of an endpoint, if it is there and its ejection was to end by that moment.
   */
  public void ejectionEnded(String id, long nowNanos) {
    locked(
        () -> {
          Member member = fleet.member(id);
          Ejection ejection = member == null ? null : member.ejection();
          return member != null
              && ejection != null
              && ejection.untilNanos() - nowNanos <= 0
              && reinstated(member, "ejection ended");
        });
  }

  /**
   * Ends the ejection of an endpoint that has turned out to be well; a wait that somebody has asked
   * for still has to pass.
   *
   * @return the moment to wait for; empty if the endpoint is back, or was not ejected for its
   *     health
   */
  public OptionalLong recovered(EndpointState state, String id, String cause) {
    return locked(
        () -> {
          Member member = fleet.member(id);
          Ejection ejection = member == null ? null : member.ejection();
          if (member == null
              || member.state() != state
              || ejection == null
              || !ejection.reason().cause().isHealth()) {
            return OptionalLong.empty();
          }
          long now = nanos.getAsLong();
          if (ejection.firmUntilNanos() - now > 0) {
            replace(member.ejectedNoLonger(now));
            return OptionalLong.of(ejection.firmUntilNanos());
          }
          reinstated(member, cause);
          return OptionalLong.empty();
        });
  }

  private boolean reinstated(Member member, String cause) {
    Ejection ejection = member.ejection();
    if (ejection == null) {
      return false;
    }
    Member back = member.routable();
    member.state().restored();
    if (ejection.reason().cause() != EjectionReason.Cause.RATE_LIMITED) {
      member.state().restarted(nanos.getAsLong());
      List<Member> others = fleet.members().stream().filter(Member::isRoutable).toList();
      startingSlowly(back, others);
    }
    news.changed(member.endpoint(), Lifecycle.EJECTED, back.lifecycle(), cause);
    replace(back);
    EndpointReturned event =
        new EndpointReturned(
            member.endpoint(),
            ejection.reason(),
            cause,
            Duration.ofNanos(nanos.getAsLong() - ejection.sinceNanos()));
    news.add(() -> observer.returned(event));
    return true;
  }

  /**
   * Brings the shares of endpoints in their slow start up to date.
   *
   * @param share the share after a time, in nanoseconds, and a number of answers
   * @return whether any slow start is still under way
   */
  public boolean warmUp(WarmupShare share) {
    return locked(
        () -> {
          long now = nanos.getAsLong();
          boolean underWay = false;
          for (Member member : fleet.members()) {
            Warmup warmup = member.state().warmup;
            if (warmup.isUnderWay() && member.phase() == Phase.ROUTABLE) {
              int answers = AnswerTally.count(member.state().work.answersWord());
              warmup.reached(
                  (float) share.after(now - warmup.sinceNanos(), warmup.answersSince(answers)));
              underWay |= warmup.isUnderWay();
            }
          }
          fleet.sharesChanged();
          return underWay;
        });
  }

  /**
   * Notes that an endpoint has been found closed and idle: ends its drain, if that is what closed
   * it.
   */
  public void idle(Candidate candidate) {
    locked(
        () -> {
          Member member = fleet.member(candidate.endpoint.id());
          if (member != null && member.state() == candidate.state) {
            synchronise(member);
          }
          return fleet;
        });
  }

  /** Passes a change on that needs no other fleet: an endpoint has answered its first request. */
  public void warmedUp(Endpoint endpoint) {
    news.changed(endpoint, Lifecycle.WARMING, Lifecycle.ACTIVE, "first success");
    news.deliver();
  }

  private void replace(Member member) {
    fleet = fleet.with(member);
    synchronise(member);
  }

  /**
   * Brings the closed bit in line with the member, and ends a drain that has nothing to wait for.
   */
  private void synchronise(Member member) {
    if (member.isRoutable()) {
      member.state().work.open();
    } else if (member.state().work.close() && member.phase() == Phase.DRAINING) {
      fleet = fleet.without(member);
      cacheSlots.clear(member.state().cacheSlot);
      news.changed(member.endpoint(), Lifecycle.DRAINING, Lifecycle.REMOVED, "idle");
      news.add(() -> observer.drained(member.drained(), true));
    }
  }

  private <T> T locked(Supplier<T> change) {
    lock.lock();
    try {
      return change.get();
    } finally {
      lock.unlock();
      if (!lock.isHeldByCurrentThread()) {
        news.deliver();
      }
    }
  }

  private Member required(String id) {
    Member member = fleet.member(id);
    if (member == null) {
      throw new IllegalArgumentException(
          "endpoint " + id + ": unknown (expected: the id of an endpoint of this router)");
    }
    return member;
  }
}
