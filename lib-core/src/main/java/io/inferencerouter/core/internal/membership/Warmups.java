package io.inferencerouter.core.internal.membership;

import io.inferencerouter.core.internal.state.AnswerTally;
import io.inferencerouter.core.internal.state.EndpointState;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.Member.Phase;
import io.inferencerouter.core.internal.state.Warmup;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** The slow starts of endpoints that join others, or come back to them; under the lock. */
final class Warmups {
  private final LongSupplier nanos;
  private final float firstShare;

  /**
   * @param firstShare the share with which a slow start begins; 1 for all of it
   */
  Warmups(LongSupplier nanos, double firstShare) {
    this.nanos = nanos;
    this.firstShare = (float) firstShare;
  }

  /**
   * Begins the slow start of a member, if there are others to which its requests can go meanwhile:
   * of those that begin together, none may get ahead of the rest for having answered more.
   */
  Member begin(Member member, Stream<Member> others) {
    EndpointState state = member.state();
    boolean slowly = others.anyMatch(other -> other.servesAlike(member.endpoint()));
    state.warmup.begin(
        slowly ? firstShare : 1, nanos.getAsLong(), AnswerTally.count(state.work.answersWord()));
    return member;
  }

  /**
   * Brings the shares up to date.
   *
   * @return whether any slow start is still under way
   */
  boolean advance(Fleet fleet, WarmupShare share) {
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
  }
}
