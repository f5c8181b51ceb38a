package io.inferencerouter.core.internal.membership;

import io.inferencerouter.Lifecycle;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.internal.state.EndpointState;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.Member.Phase;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The current {@link Fleet}, and the lock under which it is replaced. All other methods are for
 * changes, and so for whoever has the lock.
 */
final class Roster {
  private final ReentrantLock lock = new ReentrantLock();
  private final MembershipNews news;
  private final LongSupplier nanos;
  private final BitSet cacheSlots = new BitSet();

  /** Written under the lock; the volatile write publishes the fleet with all it refers to. */
  private volatile Fleet fleet;

  Roster(Fleet empty, MembershipNews news, LongSupplier nanos) {
    this.fleet = empty;
    this.news = news;
    this.nanos = nanos;
  }

  /** The fleet as it is now; also without the lock. */
  Fleet fleet() {
    return fleet;
  }

  /** The time. */
  long now() {
    return nanos.getAsLong();
  }

  /** Makes a change under the lock, and delivers the news of it afterwards. */
  <T> T locked(Supplier<T> change) {
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

  /**
   * The member of that id.
   *
   * @throws IllegalArgumentException if there is none
   */
  Member required(String id) {
    Member member = fleet.member(id);
    if (member == null) {
      throw new IllegalArgumentException(
          "endpoint " + id + ": unknown (expected: the id of an endpoint of this router)");
    }
    return member;
  }

  /** A number that no member has; it is taken until its member is removed. */
  int takeCacheSlot() {
    int slot = cacheSlots.nextClearBit(0);
    cacheSlots.set(slot);
    return slot;
  }

  /** Replaces all members. */
  void replaceAll(Map<String, Member> members) {
    fleet = fleet.withMembers(members);
    members.values().forEach(this::synchronise);
  }

  /** Replaces one member. */
  void replace(Member member) {
    replaceEach(List.of(member));
  }

  /** Replaces some members in one step. */
  void replaceEach(Collection<Member> changed) {
    fleet = fleet.with(changed);
    changed.forEach(this::synchronise);
  }

  /**
   * Brings the closed bit in line with the member, and ends a drain that has nothing to wait for.
   */
  void synchronise(Member member) {
    if (member.isRoutable()) {
      member.state().work.open();
    } else if (member.state().work.close() && member.phase() == Phase.DRAINING) {
      fleet = fleet.without(member);
      cacheSlots.clear(member.state().cacheSlot);
      news.changed(member.endpoint(), Lifecycle.DRAINING, Lifecycle.REMOVED, "idle");
      news.add(told -> told.drained(member.drained(), true));
    }
  }

  /** Takes back what is on an endpoint. What becomes of these attempts says nothing more of it. */
  void withdraw(EndpointState state, Revocation why) {
    if (state.withdraw(why)) {
      state.work.disregardBefore(now());
      news.add(told -> told.withdrawn(state, why));
    }
  }
}
