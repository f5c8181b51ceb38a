package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.measure.Recorder;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;

/** Makes a run once more, for what its result does not tell. */
@FunctionalInterface
public interface Replay {
  /** Runs to the end; the recorder is told every request. */
  RunResult run(Trial trial, Recorder recorder);
}
