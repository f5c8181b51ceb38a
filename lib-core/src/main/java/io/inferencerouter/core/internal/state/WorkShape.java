package io.inferencerouter.core.internal.state;

import io.inferencerouter.core.internal.state.Hypotheses.Choice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * How the time of an answer follows from sizes and numbers, beside the endpoint's speed: how many
 * requests are worked on side by side, and what each takes however small it is. This is the
 * evidence of one {@link ModelService}, and the choice from that of all of a model.
 *
 * <p>Only answers that come in one piece and consist of nothing but the work on an input say
 * anything about this: of documents, images, embeddings. Engines that generate text read one input
 * after the other, and mostly long ones.
 */
final class WorkShape {
  /** Units that nothing takes less than, so that there is a ratio. */
  private static final double LEAST = 1e-3;

  private final Hypotheses lanes = new Hypotheses(Lanes.HYPOTHESES);
  private final Hypotheses fixed = new Hypotheses(FixedWork.HYPOTHESES);

  /**
   * Learns from an answer.
   *
   * @param seconds that it took, relative to those of one input unit
   * @param units its own work, {@code fixedNow} included
   * @param reserved the work that was reserved before it, in units
   * @param requests how many these were
   * @param lanesNow how many are believed to be worked on side by side
   * @param fixedNow what each is believed to take however small it is
   */
  void answered(
      double seconds, double units, double reserved, int requests, int lanesNow, double fixedNow) {
    lanes.observed();
    for (int i = 0; i < Lanes.HYPOTHESES; i++) {
      lanes.missed(i, (float) (seconds / (units + reserved * Lanes.ahead(Lanes.of(i), requests))));
    }
    fixed.observed();
    float share = Lanes.ahead(lanesNow, requests);
    double counted = 1 + share * requests;
    double variable = units - fixedNow + Math.max(0, share * (reserved - requests * fixedNow));
    for (int i = 0; i < FixedWork.HYPOTHESES; i++) {
      double predicted = Math.max(LEAST, variable + counted * FixedWork.units(i));
      fixed.missed(i, (float) (seconds / predicted));
    }
  }

  void fade(float kept) {
    lanes.fade(kept);
    fixed.fade(kept);
  }

  private void forget() {
    lanes.forget();
    fixed.forget();
  }

  /**
   * Chooses anew for the services of one model.
   *
   * @return by which factor their seconds for an input unit have changed with it
   */
  static double choose(Collection<ModelService> services) {
    List<WorkShape> shapes = new ArrayList<>();
    List<Hypotheses> ofLanes = new ArrayList<>();
    List<Hypotheses> ofFixed = new ArrayList<>();
    int lanes = 1;
    float units = 0;
    for (ModelService service : services) {
      WorkShape shape = service.workShape();
      if (shape != null) {
        shapes.add(shape);
        ofFixed.add(shape.fixed);
        units = Math.max(units, service.fixedUnits());
        if (!service.areLanesDeclared()) {
          ofLanes.add(shape.lanes);
          lanes = Math.max(lanes, service.lanes());
        }
      }
    }
    if (shapes.isEmpty()) {
      return 1;
    }
    Choice lanesChoice =
        Hypotheses.choose(ofLanes, Lanes.HYPOTHESES, Integer.numberOfTrailingZeros(lanes));
    Choice fixedChoice =
        Hypotheses.choose(ofFixed, FixedWork.HYPOTHESES, FixedWork.hypothesis(units));
    for (ModelService service : services) {
      if (!service.areLanesDeclared()) {
        service.lanes(Lanes.of(lanesChoice.number()), lanesChoice.factor());
      }
      service.fixedUnits(FixedWork.units(fixedChoice.number()), fixedChoice.factor());
    }
    if (lanesChoice.isNew() || fixedChoice.isNew()) {
      shapes.forEach(WorkShape::forget);
    }
    return (double) lanesChoice.factor() * fixedChoice.factor();
  }
}
