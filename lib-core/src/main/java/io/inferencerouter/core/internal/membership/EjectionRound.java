package io.inferencerouter.core.internal.membership;

import io.inferencerouter.EjectionReason;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.EndpointReturned;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.internal.state.Ejection;
import io.inferencerouter.core.internal.state.EndpointState;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.Member.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Ejections and returns that are decided one after the other, each knowing of those before it, and
 * made in one step at the end: one new {@link Fleet}, however many they are.
 *
 * <p>For use under the lock, by who was given it, and no longer than {@link Ejections#together}
 * takes.
 */
public final class EjectionRound {
  private final Roster roster;
  private final MembershipNews news;
  private final Warmups warmups;
  private final List<Member> before;
  private final Map<String, Member> changed = new LinkedHashMap<>();

  /** What follows from the changes, in their order. */
  private final List<Runnable> consequences = new ArrayList<>();

  /** How many do not drain, and how many of these take no requests; counted when first asked. */
  private int staying = -1;

  private int away;

  EjectionRound(Roster roster, MembershipNews news, Warmups warmups) {
    this.roster = roster;
    this.news = news;
    this.warmups = warmups;
    this.before = roster.fleet().members();
  }

  /** The fleet in which the round has begun. */
  public Fleet fleet() {
    return roster.fleet();
  }

  /** The member with this id, as it is by now. */
  public @Nullable Member member(String id) {
    Member member = changed.get(id);
    return member != null ? member : roster.fleet().member(id);
  }

  private Member now(Member member) {
    return changed.getOrDefault(member.endpoint().id(), member);
  }

  /** Has something told after what was decided before it. */
  public void tell(Runnable what) {
    consequences.add(() -> news.add(unused -> what.run()));
  }

  /**
   * As {@link Ejections#ejectIf}.
   *
   * @param allowed is asked whether the endpoints as they are by now can do without this one
   */
  public boolean ejectIf(
      EndpointState state,
      String id,
      EjectionReason reason,
      long untilNanos,
      Predicate<Member> allowed) {
    Member member = member(id);
    return member != null
        && member.state() == state
        && member.phase() != Phase.DRAINING
        && allowed.test(member)
        && eject(member, reason, untilNanos);
  }

  /** Ejects a member that does not drain; whether its ejection ends at that moment now. */
  boolean eject(Member member, EjectionReason reason, long untilNanos) {
    long now = roster.now();
    Ejection earlier = member.ejection();
    Member after = member.ejected(Ejection.of(reason, now, untilNanos));
    if (after.ejection() == null || after.ejection().equals(earlier)) {
      return false;
    }
    boolean takesBack = reason.cause() != EjectionReason.Cause.RATE_LIMITED;
    if (earlier != null && earlier.untilNanos() - untilNanos >= 0) {
      change(after); // no longer than before, but for another reason
      consequences.add(() -> withdraw(member, takesBack));
      return false;
    }
    count();
    if (member.isRoutable()) {
      away++;
      Lifecycle stage = member.lifecycle();
      consequences.add(
          () -> news.changed(member.endpoint(), stage, Lifecycle.EJECTED, reason.toString()));
    }
    change(after);
    EndpointEjected event =
        new EndpointEjected(
            member.endpoint(), reason, Duration.ofNanos(untilNanos - now), away, staying);
    consequences.add(
        () -> {
          news.add(observer -> observer.ejected(event));
          withdraw(member, takesBack);
        });
    return true;
  }

  private void withdraw(Member member, boolean takesBack) {
    if (takesBack) {
      roster.withdraw(member.state(), Revocation.EJECTED);
    }
  }

  /** As {@link Ejections#recovered}. */
  public OptionalLong recovered(EndpointState state, String id, String cause) {
    Member member = member(id);
    Ejection ejection = member == null ? null : member.ejection();
    if (member == null
        || member.state() != state
        || ejection == null
        || !ejection.reason().cause().isHealth()) {
      return OptionalLong.empty();
    }
    long now = roster.now();
    if (ejection.firmUntilNanos() - now > 0) {
      change(member.ejectedNoLonger(now));
      return OptionalLong.of(ejection.firmUntilNanos());
    }
    reinstate(member, ejection, cause);
    return OptionalLong.empty();
  }

  /** Ends an ejection. */
  void reinstate(Member member, Ejection ejection, String cause) {
    Member back = member.routable();
    member.state().restored();
    if (ejection.reason().cause() != EjectionReason.Cause.RATE_LIMITED) {
      member.state().restarted(roster.now());
      warmups.begin(back, before.stream().map(this::now).filter(Member::isRoutable));
    }
    count();
    away--;
    change(back);
    Lifecycle stage = back.lifecycle();
    EndpointReturned event =
        new EndpointReturned(
            member.endpoint(),
            ejection.reason(),
            cause,
            Duration.ofNanos(roster.now() - ejection.sinceNanos()));
    consequences.add(
        () -> {
          news.changed(member.endpoint(), Lifecycle.EJECTED, stage, cause);
          news.add(observer -> observer.returned(event));
        });
  }

  private void count() {
    if (staying < 0) {
      List<Member> those = before.stream().filter(m -> m.phase() != Phase.DRAINING).toList();
      staying = those.size();
      away = (int) those.stream().map(this::now).filter(m -> !m.isRoutable()).count();
    }
  }

  private void change(Member member) {
    changed.put(member.endpoint().id(), member);
  }

  /** Makes the changes. */
  void end() {
    if (!changed.isEmpty()) {
      roster.replaceEach(changed.values());
    }
    consequences.forEach(Runnable::run);
  }
}
