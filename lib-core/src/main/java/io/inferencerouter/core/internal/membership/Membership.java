package io.inferencerouter.core.internal.membership;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointChanged;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.core.internal.concurrent.SerialLoop;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.Member.Phase;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
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
  private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();
  private final BitSet cacheSlots = new BitSet();
  private final SerialLoop delivery = new SerialLoop(this::deliver);

  /** Written under the lock; the volatile write publishes the fleet with all it refers to. */
  private volatile Fleet fleet;

  /** Begins with a fleet without endpoints. */
  public Membership(Fleet empty, MembershipObserver observer) {
    this.fleet = empty;
    this.observer = observer;
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
          endpoints.forEach((id, endpoint) -> next.put(id, admitted(endpoint)));
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

  private Member admitted(Endpoint endpoint) {
    Member known = fleet.member(endpoint.id());
    if (known == null) {
      changed(endpoint, null, Lifecycle.WARMING, "added");
      int slot = cacheSlots.nextClearBit(0);
      cacheSlots.set(slot);
      return Member.joining(endpoint, slot);
    }
    known.state().declared(endpoint);
    if (known.phase() != Phase.DRAINING) {
      return known.declaredAs(endpoint);
    }
    known.state().restarted();
    changed(endpoint, Lifecycle.DRAINING, Lifecycle.WARMING, "added again");
    events.add(() -> observer.drained(known.drained(), false));
    return known.declaredAs(endpoint).routable();
  }

  private Member drainStarted(Member member, String cause) {
    if (member.phase() == Phase.DRAINING) {
      return member;
    }
    changed(member.endpoint(), member.lifecycle(), Lifecycle.DRAINING, cause);
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

  /**
   * Ejects an endpoint until a moment; a longer ejection is not shortened.
   *
   * @return whether the ejection ends at that moment now
   */
  public boolean eject(String id, long untilNanos, String cause) {
    return locked(
        () -> {
          Member member = required(id);
          if (member.phase() == Phase.DRAINING) {
            throw new IllegalArgumentException(
                "endpoint " + id + ": draining (expected: an endpoint that takes requests)");
          }
          if (member.phase() == Phase.EJECTED && member.ejectedUntilNanos() - untilNanos >= 0) {
            return false;
          }
          if (member.isRoutable()) {
            changed(member.endpoint(), member.lifecycle(), Lifecycle.EJECTED, cause);
          }
          replace(member.ejected(untilNanos));
          return true;
        });
  }

  /** Ends the ejection of an endpoint, if it is ejected. */
  public void reinstate(String id, String cause) {
    locked(() -> reinstated(required(id), cause, ejected -> true));
  }

  /**
   * Ends the ejection of an endpoint, if it is there and its ejection was to end by that moment.
   */
  public void ejectionEnded(String id, long nowNanos) {
    locked(
        () -> {
          Member member = fleet.member(id);
          return member != null
              && reinstated(member, "ejection ended", m -> m.ejectedUntilNanos() - nowNanos <= 0);
        });
  }

  private boolean reinstated(Member member, String cause, Predicate<Member> condition) {
    if (member.phase() != Phase.EJECTED || !condition.test(member)) {
      return false;
    }
    member.state().restarted();
    changed(member.endpoint(), Lifecycle.EJECTED, Lifecycle.WARMING, cause);
    replace(member.routable());
    return true;
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
    changed(endpoint, Lifecycle.WARMING, Lifecycle.ACTIVE, "first success");
    delivery.run();
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
      changed(member.endpoint(), Lifecycle.DRAINING, Lifecycle.REMOVED, "idle");
      events.add(() -> observer.drained(member.drained(), true));
    }
  }

  private void changed(Endpoint endpoint, @Nullable Lifecycle from, Lifecycle to, String cause) {
    EndpointChanged event = new EndpointChanged(endpoint, from, to, cause);
    events.add(() -> observer.changed(event));
  }

  private void deliver() {
    for (Runnable event = events.poll(); event != null; event = events.poll()) {
      event.run();
    }
  }

  private <T> T locked(Supplier<T> change) {
    lock.lock();
    try {
      return change.get();
    } finally {
      lock.unlock();
      if (!lock.isHeldByCurrentThread()) {
        delivery.run();
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
