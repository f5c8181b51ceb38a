package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import java.util.List;

/** Runs a trial once more and shows what happened over time. */
@FunctionalInterface
public interface Timelines {
  /** The intervals of a run, in order. */
  List<Interval> of(Trial trial, String endpoint);

  /**
   * A piece of a run.
   *
   * @param seconds when it ends, since the first arrival
   * @param share of the requests in it that went to the endpoint
   * @param e2eP99Millis of the requests that ended in it
   */
  record Interval(double seconds, double share, double e2eP99Millis) {}
}
