package io.inferencerouter.core.internal.router;

import io.inferencerouter.core.internal.state.Ejection;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.OutstandingWork;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;

/** How endpoints are, in words, for errors: of the first few by name, then how many more. */
final class EndpointStates {
  private static final int MAX_NAMED = 16;

  private EndpointStates() {}

  /** How these endpoints are. */
  static String of(List<Member> members, long nowNanos) {
    String named =
        members.stream()
            .limit(MAX_NAMED)
            .map(member -> state(member, nowNanos))
            .collect(Collectors.joining(", "));
    int more = members.size() - MAX_NAMED;
    return more > 0 ? named + " and " + more + " more" : named.isEmpty() ? "none" : named;
  }

  private static String state(Member member, long nowNanos) {
    String state = member.endpoint().id() + " " + member.lifecycle();
    Ejection ejection = member.ejection();
    if (ejection != null) {
      return state
          + " for "
          + Duration.ofNanos(nanosLeft(ejection, nowNanos)).truncatedTo(ChronoUnit.MILLIS)
          + " ("
          + ejection.reason()
          + ")";
    }
    int failures = member.state().work.failuresInARow();
    return state
        + " ("
        + OutstandingWork.inFlight(member.state().work.admissionWord())
        + " in flight"
        + (failures == 0 ? "" : ", failures in a row: " + failures)
        + ")";
  }

  /** How long an ejection still takes; not negative. */
  static long nanosLeft(Ejection ejection, long nowNanos) {
    return Math.max(0, ejection.untilNanos() - nowNanos);
  }
}
