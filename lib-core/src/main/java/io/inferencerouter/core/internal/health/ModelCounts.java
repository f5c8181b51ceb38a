package io.inferencerouter.core.internal.health;

import io.inferencerouter.ServedModel;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.Member.Phase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How many endpoints of each model there are, and how many of them take requests: counted once, and
 * kept up to date by who changes them.
 */
final class ModelCounts {
  private final Fleet fleet;
  private final Map<String, Group> byModel = new HashMap<>();

  /** The endpoints of a model that do not drain, counted. */
  static final class Group {
    final String model;
    int members;
    int usable;
    int ejected;

    private Group(String model) {
      this.model = model;
    }
  }

  /** Counts the endpoints of a fleet. */
  ModelCounts(Fleet fleet) {
    this.fleet = fleet;
    fleet.members().forEach(member -> count(member, 1));
  }

  private void count(Member member, int sign) {
    if (member.phase() == Phase.DRAINING) {
      return;
    }
    for (String model : modelsOf(fleet, member)) {
      Group group = byModel.computeIfAbsent(model, Group::new);
      group.members += sign;
      group.usable += member.isRoutable() ? sign : 0;
      group.ejected += EjectionLimits.isEjectedForHealth(member) ? sign : 0;
    }
  }

  /** Takes note that a member has changed. */
  void changed(Member before, Member after) {
    count(before, -1);
    count(after, 1);
  }

  /** Those of the models that a member serves. */
  List<Group> of(Member member) {
    return modelsOf(fleet, member).stream().map(byModel::get).filter(Objects::nonNull).toList();
  }

  /** The models of a fleet that a member serves; empty for those that nobody declares. */
  static List<String> modelsOf(Fleet fleet, Member member) {
    List<ServedModel> declared = member.endpoint().models();
    if (!declared.isEmpty()) {
      return declared.stream().map(ServedModel::name).distinct().toList();
    }
    List<String> all = new ArrayList<>(fleet.models());
    all.add("");
    return all;
  }
}
