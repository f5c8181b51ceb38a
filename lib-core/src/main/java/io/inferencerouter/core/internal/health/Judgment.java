package io.inferencerouter.core.internal.health;

import io.inferencerouter.EjectionReason;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.internal.health.ModelCounts.Group;
import io.inferencerouter.core.internal.membership.EjectionRound;
import io.inferencerouter.core.internal.state.Ejection;
import io.inferencerouter.core.internal.state.Member;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one judgment changes: who is ejected, and who comes back in his place. The endpoints are
 * counted once for all of it, and those that are away are put in order once, so that it takes as
 * long for each endpoint whether few fail or all.
 */
final class Judgment {
  private final EjectionRound round;
  private final EjectionLimits limits;
  private final HealthPolicy policy;
  private final long nowNanos;
  private final ModelCounts counts;
  private @Nullable Map<String, Queue<String>> turns;
  private final List<Wait> waits = new ArrayList<>();
  private boolean isAnyBack;

  /** An ejection that has to be ended. */
  record Wait(String id, Duration delay, long untilNanos) {}

  Judgment(EjectionRound round, EjectionLimits limits, HealthPolicy policy, long nowNanos) {
    this.round = round;
    this.limits = limits;
    this.policy = policy;
    this.nowNanos = nowNanos;
    this.counts = new ModelCounts(round.fleet());
  }

  /** The member of that id as it is by now. */
  @Nullable Member member(String id) {
    return round.member(id);
  }

  /** Has something told after what has been decided. */
  void tell(Runnable what) {
    round.tell(what);
  }

  /** Ejects an endpoint if that is allowed. */
  boolean eject(
      Member member, EjectionReason reason, Duration duration, Predicate<Member> allowed) {
    String id = member.endpoint().id();
    long until = nowNanos + duration.toNanos();
    Member before = round.member(id);
    boolean ejected = round.ejectIf(member.state(), id, reason, until, allowed);
    changed(before, id);
    if (ejected) {
      waits.add(new Wait(id, duration, until));
    }
    return ejected;
  }

  private void changed(@Nullable Member before, String id) {
    Member after = round.member(id);
    if (before != null && after != null) {
      counts.changed(before, after);
    }
  }

  /** Whether the limits allow that one more endpoint is ejected. */
  boolean isAllowed(Member member) {
    return hindrance(member) == null;
  }

  /** As {@link EjectionLimits#hindrance}, with what has been decided. */
  @Nullable Group hindrance(Member member) {
    return limits.hindrance(counts, member);
  }

  /** As {@link EjectionLimits#othersAreLeft}, with what has been decided. */
  boolean othersAreLeft(Member member) {
    return EjectionLimits.othersAreLeft(counts, member);
  }

  /** Lets the one come back that has been away longest, if it has been away long enough. */
  void letReturn(String model) {
    if (turns == null) {
      turns = turns();
    }
    Queue<String> waiting = turns.getOrDefault(model, new ArrayDeque<>());
    while (!waiting.isEmpty()) {
      String id = waiting.element();
      Member longest = round.member(id);
      if (longest != null && EjectionLimits.isEjectedForHealth(longest)) {
        letReturn(longest, id);
        return;
      }
      waiting.remove(); // it is back already, as a server of another model
    }
  }

  private void letReturn(Member member, String id) {
    OptionalLong wait =
        round.recovered(member.state(), id, "the others fail as well: another trial");
    changed(member, id);
    if (wait.isPresent()) {
      waits.add(new Wait(id, Duration.ofNanos(wait.getAsLong() - nowNanos), wait.getAsLong()));
    } else {
      isAnyBack = true;
    }
  }

  /** Who has been away long enough, for each model from the longest on. */
  private Map<String, Queue<String>> turns() {
    Map<String, Queue<String>> byModel = new HashMap<>();
    round.fleet().members().stream()
        .filter(EjectionLimits::isEjectedForHealth)
        .filter(member -> awayNanos(member) >= policy.baseEjection().toNanos())
        .sorted(Comparator.comparingLong(this::awayNanos).reversed())
        .forEach(
            member ->
                ModelCounts.modelsOf(round.fleet(), member)
                    .forEach(
                        model ->
                            byModel
                                .computeIfAbsent(model, unused -> new ArrayDeque<>())
                                .add(member.endpoint().id())));
    return byModel;
  }

  private long awayNanos(Member member) {
    Ejection ejection = member.ejection();
    return ejection == null ? 0 : nowNanos - ejection.sinceNanos();
  }

  /** The ejections that have to be ended, in the order in which they were decided. */
  List<Wait> waits() {
    return waits;
  }

  /** Whether anybody has come back. */
  boolean isAnyBack() {
    return isAnyBack;
  }
}
