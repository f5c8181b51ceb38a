package io.inferencerouter.core.internal.health;

import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.internal.health.ModelCounts.Group;
import io.inferencerouter.core.internal.state.Ejection;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import org.jspecify.annotations.Nullable;

/**
 * How many endpoints may be kept from requests for their health: of each model, so that what ails
 * all of them at once does not leave nobody. When all fail, a half is as good as all; and those
 * that are left are tried all the time, so that the end of the trouble is noticed.
 */
final class EjectionLimits {
  private static final double ROUNDING = 1e-9;

  private final HealthPolicy policy;

  EjectionLimits(HealthPolicy policy) {
    this.policy = policy;
  }

  /** Whether a fleet can do without a member. */
  boolean allow(Fleet fleet, Member member) {
    return hindrance(fleet, member) == null;
  }

  /** The model that would have too few endpoints without a member; null if there is none. */
  @Nullable Group hindrance(Fleet fleet, Member member) {
    return member.isRoutable() ? hindrance(new ModelCounts(fleet), member) : null;
  }

  /** The same, where they are counted. */
  @Nullable Group hindrance(ModelCounts counts, Member member) {
    if (!member.isRoutable()) {
      return null; // longer, but not one more
    }
    for (Group group : counts.of(member)) {
      double ejectable = Math.floor(policy.maxEjectedShare() * group.members + ROUNDING);
      double left = Math.max(1, Math.ceil(policy.panicThreshold() * group.members - ROUNDING));
      if (group.ejected + 1 > ejectable || group.usable - 1 < left) {
        return group;
      }
    }
    return null;
  }

  /** Whether somebody else takes requests for each model that a member serves. */
  static boolean othersAreLeft(ModelCounts counts, Member member) {
    return counts.of(member).stream()
        .allMatch(group -> group.usable - (member.isRoutable() ? 1 : 0) >= 1);
  }

  static boolean isEjectedForHealth(Member member) {
    Ejection ejection = member.ejection();
    return ejection != null && ejection.reason().cause().isHealth();
  }
}
