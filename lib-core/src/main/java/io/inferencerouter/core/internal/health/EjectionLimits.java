package io.inferencerouter.core.internal.health;

import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.internal.state.Ejection;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.Member.Phase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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

  /** The endpoints of a model, counted. */
  record Group(String model, int members, int usable, int ejected) {}

  /** Whether a fleet can do without a member. */
  boolean allow(Fleet fleet, Member member) {
    return hindrance(fleet, member) == null;
  }

  /** The model that would have too few endpoints without a member; null if there is none. */
  @Nullable Group hindrance(Fleet fleet, Member member) {
    if (!member.isRoutable()) {
      return null; // longer, but not one more
    }
    for (String model : modelsOf(fleet, member)) {
      Group group = group(fleet.members(), model);
      double ejectable = Math.floor(policy.maxEjectedShare() * group.members + ROUNDING);
      double left = Math.max(1, Math.ceil(policy.panicThreshold() * group.members - ROUNDING));
      if (group.ejected + 1 > ejectable || group.usable - 1 < left) {
        return group;
      }
    }
    return null;
  }

  /** The models of a fleet that a member serves; empty for those that nobody declares. */
  static List<String> modelsOf(Fleet fleet, Member member) {
    List<String> models = new ArrayList<>();
    for (String model : fleet.models()) {
      if (member.serves(model)) {
        models.add(model);
      }
    }
    if (member.endpoint().models().isEmpty()) {
      models.add("");
    }
    return models;
  }

  private static Group group(Collection<Member> fleet, String model) {
    int members = 0;
    int usable = 0;
    int ejected = 0;
    for (Member member : fleet) {
      if (isOf(member, model) && member.phase() != Phase.DRAINING) {
        members++;
        usable += member.isRoutable() ? 1 : 0;
        ejected += isEjectedForHealth(member) ? 1 : 0;
      }
    }
    return new Group(model, members, usable, ejected);
  }

  static boolean isEjectedForHealth(Member member) {
    Ejection ejection = member.ejection();
    return ejection != null && ejection.reason().cause().isHealth();
  }

  /** Whether somebody else takes requests for each model that a member serves. */
  static boolean othersAreLeft(Fleet fleet, Member member) {
    for (String model : modelsOf(fleet, member)) {
      Group group = group(fleet.members(), model);
      if (group.usable - (member.isRoutable() ? 1 : 0) < 1) {
        return false;
      }
    }
    return true;
  }

  /** Whether a member serves a model; the empty name means those that nobody declares. */
  static boolean isOf(Member member, String model) {
    return model.isEmpty() ? member.endpoint().models().isEmpty() : member.serves(model);
  }
}
