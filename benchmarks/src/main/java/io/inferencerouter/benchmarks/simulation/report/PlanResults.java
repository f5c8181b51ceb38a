package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Recoveries;
import io.inferencerouter.benchmarks.simulation.experiment.Timelines;

/**
 * What came of the runs of a plan.
 *
 * @param timelines of the same runs, made once more
 * @param recoveries from what goes wrong in them
 * @param bounds what no policy can beat in them
 */
public record PlanResults(
    Comparison comparison, Timelines timelines, Recoveries recoveries, Bounds bounds) {}
