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
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiPredicate;

/**
 * How endpoints of the {@link Membership} are taken out for a while, and come back. An endpoint
 * that is ejected for several reasons is out until the last of them has passed.
 *
 * <p>Changes exclude each other, and those of the membership, by its lock.
 */
public final class Ejections {
  private final Roster roster;
  private final MembershipNews news;
  private final Warmups warmups;

  Ejections(Roster roster, MembershipNews news, Warmups warmups) {
    this.roster = roster;
    this.news = news;
    this.warmups = warmups;
  }

  /**
   * Ejects an endpoint until a moment; a longer ejection is not shortened.
   *
   * @return whether the ejection ends at that moment now
   * @throws IllegalArgumentException if there is no such endpoint, or it drains
   */
  public boolean eject(String id, EjectionReason reason, long untilNanos) {
    return roster.locked(
        () -> {
          Member member = roster.required(id);
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
    return roster.locked(
        () -> {
          Member member = roster.fleet().member(id);
          return member != null
              && member.state() == state
              && member.phase() != Phase.DRAINING
              && allowed.test(roster.fleet(), member)
              && ejected(member, reason, untilNanos);
        });
  }

  private boolean ejected(Member member, EjectionReason reason, long untilNanos) {
    long now = roster.now();
    Ejection before = member.ejection();
    Member after = member.ejected(Ejection.of(reason, now, untilNanos));
    if (after.ejection() == null || after.ejection().equals(before)) {
      return false;
    }
    boolean takesBack = reason.cause() != EjectionReason.Cause.RATE_LIMITED;
    if (before != null && before.untilNanos() - untilNanos >= 0) {
      roster.replace(after); // no longer than before, but for another reason
      if (takesBack) {
        roster.withdraw(member.state(), Revocation.EJECTED);
      }
      return false;
    }
    if (member.isRoutable()) {
      news.changed(member.endpoint(), member.lifecycle(), Lifecycle.EJECTED, reason.toString());
    }
    roster.replace(after);
    List<Member> members =
        roster.fleet().members().stream().filter(m -> m.phase() != Phase.DRAINING).toList();
    int ejected = (int) members.stream().filter(m -> !m.isRoutable()).count();
    EndpointEjected event =
        new EndpointEjected(
            member.endpoint(), reason, Duration.ofNanos(untilNanos - now), ejected, members.size());
    news.add(observer -> observer.ejected(event));
    if (takesBack) {
      roster.withdraw(member.state(), Revocation.EJECTED);
    }
    return true;
  }

  /** Ends the ejection of an endpoint, if it is ejected. */
  public void reinstate(String id, String cause) {
    roster.locked(
        () -> {
          Member member = roster.required(id);
          return member.phase() == Phase.EJECTED && reinstated(member, cause);
        });
  }

  /**
   * Ends the ejection of an endpoint, if it is there and its ejection was to end by that moment.
   */
  public void ejectionEnded(String id, long nowNanos) {
    roster.locked(
        () -> {
          Member member = roster.fleet().member(id);
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
    return roster.locked(
        () -> {
          Member member = roster.fleet().member(id);
          Ejection ejection = member == null ? null : member.ejection();
          if (member == null
              || member.state() != state
              || ejection == null
              || !ejection.reason().cause().isHealth()) {
            return OptionalLong.empty();
          }
          long now = roster.now();
          if (ejection.firmUntilNanos() - now > 0) {
            roster.replace(member.ejectedNoLonger(now));
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
      member.state().restarted(roster.now());
      List<Member> others = roster.fleet().members().stream().filter(Member::isRoutable).toList();
      warmups.begin(back, others);
    }
    news.changed(member.endpoint(), Lifecycle.EJECTED, back.lifecycle(), cause);
    roster.replace(back);
    EndpointReturned event =
        new EndpointReturned(
            member.endpoint(),
            ejection.reason(),
            cause,
            Duration.ofNanos(roster.now() - ejection.sinceNanos()));
    news.add(observer -> observer.returned(event));
    return true;
  }
}
