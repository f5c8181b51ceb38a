package io.inferencerouter.core.internal.membership;

import io.inferencerouter.Endpoint;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.Member.Phase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
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
  private final MembershipNews news;
  private final Roster roster;
  private final Warmups warmups;
  private final Ejections ejections;

  /**
   * Begins with a fleet without endpoints.
   *
   * @param nanos the time
   * @param firstShare the share with which an endpoint begins that joins others, or comes back to
   *     them; 1 for all of it
   */
  public Membership(
      Fleet empty, MembershipObserver observer, LongSupplier nanos, double firstShare) {
    news = new MembershipNews(observer);
    roster = new Roster(empty, news, nanos);
    warmups = new Warmups(nanos, firstShare);
    ejections = new Ejections(roster, news, warmups);
  }

  /** The fleet as it is now. */
  public Fleet fleet() {
    return roster.fleet();
  }

  /** How its endpoints are ejected, and come back. */
  public Ejections ejections() {
    return ejections;
  }

  /** Replaces the set of endpoints. */
  public void update(Map<String, Endpoint> endpoints) {
    roster.locked(
        () -> {
          Fleet fleet = roster.fleet();
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
          roster.replaceAll(next);
          return roster.fleet();
        });
  }

  private Member admitted(Endpoint endpoint, List<Member> staying) {
    Member known = roster.fleet().member(endpoint.id());
    if (known == null) {
      Member joining = Member.joining(endpoint, roster.takeCacheSlot());
      news.changed(endpoint, null, Lifecycle.WARMING, "added");
      return warmups.begin(joining, staying.stream());
    }
    known.state().declared(endpoint);
    Member declared = known.declaredAs(endpoint);
    if (known.phase() != Phase.DRAINING) {
      return declared;
    }
    known.state().restarted(roster.now());
    known.state().restored();
    news.changed(endpoint, Lifecycle.DRAINING, Lifecycle.WARMING, "added again");
    news.add(observer -> observer.drained(known.drained(), false));
    return warmups.begin(declared.routable(), staying.stream());
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
    return roster.locked(
        () -> {
          Member member = drainStarted(roster.required(id), "drain requested");
          roster.replace(member);
          return member.drained();
        });
  }

  /** As {@link #drain}, and takes back what is on it. */
  public CompletableFuture<@Nullable Void> remove(String id) {
    return roster.locked(
        () -> {
          Member member = drainStarted(roster.required(id), "removed");
          roster.replace(member);
          roster.withdraw(member.state(), Revocation.REMOVED);
          return member.drained();
        });
  }

  /**
   * Brings the shares of endpoints in their slow start up to date.
   *
   * @param share the share after a time, in nanoseconds, and a number of answers
   * @return whether any slow start is still under way
   */
  public boolean warmUp(WarmupShare share) {
    return roster.locked(() -> warmups.advance(roster.fleet(), share));
  }

  /**
   * Puts in order what has been learned.
   *
   * @param elapsedSeconds since evidence last faded; 0 if none is to fade now
   */
  public void recalibrate(double elapsedSeconds) {
    roster.locked(
        () -> {
          roster.fleet().recalibrate(elapsedSeconds);
          return roster.fleet();
        });
  }

  /**
   * Notes that an endpoint has been found closed and idle: ends its drain, if that is what closed
   * it.
   */
  public void idle(Candidate candidate) {
    roster.locked(
        () -> {
          Member member = roster.fleet().member(candidate.endpoint.id());
          if (member != null && member.state() == candidate.state) {
            roster.synchronise(member);
          }
          return roster.fleet();
        });
  }

  /** Passes a change on that needs no other fleet: an endpoint has answered its first request. */
  public void warmedUp(Endpoint endpoint) {
    news.changed(endpoint, Lifecycle.WARMING, Lifecycle.ACTIVE, "first success");
    news.deliver();
  }
}
