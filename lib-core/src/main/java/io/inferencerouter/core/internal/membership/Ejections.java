package io.inferencerouter.core.internal.membership;

import io.inferencerouter.EjectionReason;
import io.inferencerouter.core.internal.state.Ejection;
import io.inferencerouter.core.internal.state.EndpointState;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.Member.Phase;
import java.util.OptionalLong;
import java.util.function.BiPredicate;
import java.util.function.Function;

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
   * Makes several changes in one step.
   *
   * @param changes decides on them, under the lock
   * @return what it returns
   */
  public <T> T together(Function<EjectionRound, T> changes) {
    return roster.locked(
        () -> {
          EjectionRound round = new EjectionRound(roster, news, warmups);
          T result = changes.apply(round);
          round.end();
          return result;
        });
  }

  /**
   * Ejects an endpoint until a moment; a longer ejection is not shortened.
   *
   * @return whether the ejection ends at that moment now
   * @throws IllegalArgumentException if there is no such endpoint, or it drains
   */
  public boolean eject(String id, EjectionReason reason, long untilNanos) {
    return together(
        round -> {
          Member member = roster.required(id);
          if (member.phase() == Phase.DRAINING) {
            throw new IllegalArgumentException(
                "endpoint " + id + ": draining (expected: an endpoint that takes requests)");
          }
          return round.eject(member, reason, untilNanos);
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
    return together(
        round ->
            round.ejectIf(
                state, id, reason, untilNanos, member -> allowed.test(round.fleet(), member)));
  }

  /** Ends the ejection of an endpoint, if it is ejected. */
  public void reinstate(String id, String cause) {
    together(
        round -> {
          Member member = roster.required(id);
          Ejection ejection = member.ejection();
          if (ejection != null) {
            round.reinstate(member, ejection, cause);
          }
          return member;
        });
  }

  /**
   * Ends the ejection of an endpoint, if it is there and its ejection was to end by that moment.
   */
  public void ejectionEnded(String id, long nowNanos) {
    together(
        round -> {
          Member member = round.member(id);
          Ejection ejection = member == null ? null : member.ejection();
          boolean isOver = ejection != null && ejection.untilNanos() - nowNanos <= 0;
          if (member != null && ejection != null && isOver) {
            round.reinstate(member, ejection, "ejection ended");
          }
          return isOver;
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
    return together(round -> round.recovered(state, id, cause));
  }
}
