package io.inferencerouter.core.cost;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.InputUnit;
import java.util.Objects;

/** Ready-made {@link CostEstimator}s. All are immutable and allocate nothing. */
public final class CostEstimators {
  private CostEstimators() {}

  /**
   * Text for language models, with the defaults of {@link TextCostEstimator}. The work is in
   * tokens.
   */
  public static CostEstimator text() {
    return TextCostEstimator.builder().build();
  }

  /**
   * The same work for every request.
   *
   * @param inputWork 0 to {@link CostEstimator#MAX_WORK}
   * @param outputWork 0 to {@link CostEstimator#MAX_WORK}
   */
  public static CostEstimator constant(double inputWork, double outputWork) {
    return new ConstantCostEstimator(work("inputWork", inputWork), work("outputWork", outputWork));
  }

  /**
   * Work in proportion to one size of the input, such as pages, images or bytes. A request that
   * does not state that size counts as one unit.
   *
   * @param inputWorkPerUnit 0 to {@link CostEstimator#MAX_WORK}
   * @param outputWorkPerUnit 0 to {@link CostEstimator#MAX_WORK}
   */
  public static CostEstimator perUnit(
      InputUnit unit, double inputWorkPerUnit, double outputWorkPerUnit) {
    return new PerUnitCostEstimator(
        Objects.requireNonNull(unit, "unit"),
        work("inputWorkPerUnit", inputWorkPerUnit),
        work("outputWorkPerUnit", outputWorkPerUnit));
  }

  static double work(String name, double value) {
    if (!(value >= 0 && value <= CostEstimator.MAX_WORK)) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: a number from 0 to " + CostEstimator.MAX_WORK + ")");
    }
    return value;
  }
}
