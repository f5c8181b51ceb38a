package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.experiment.Replay;
import io.inferencerouter.benchmarks.simulation.experiment.Runner;
import io.inferencerouter.benchmarks.simulation.experiment.Saturation;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the command line can choose from, and what does the work. */
interface Catalogue {
  /** Generated workloads, with what they are in a sentence. */
  Map<String, String> workloads();

  /** A generated workload; the name is one of {@link #workloads}. */
  Workload workload(String name, long seed, long requests);

  /** A workload out of a file. */
  Workload trace(Path file);

  /** The first requests of a workload. */
  Workload limited(Workload workload, long requests);

  /** All policies, ours first. */
  List<Policy> policies();

  /** Those of the policies that the oracle is made of. */
  Set<String> references();

  /** What makes a run. */
  Runner runner();

  /** What measures saturation. */
  Saturation saturation();

  /** What a workload is like. */
  Profile profile(Workload workload);

  /** How well the modelled GPUs fit measurements in a folder. */
  Fit fit(Path folder);

  /** What makes a run once more. */
  Replay replay();

  /**
   * What a workload is like.
   *
   * @param figures by name
   * @param verdict whether routing by cost pays
   * @param reasons for it
   */
  record Profile(Map<String, String> figures, String verdict, List<String> reasons) {}

  /**
   * How well models fit, as a table.
   *
   * @param header of the lines
   */
  record Fit(List<String> header, List<List<String>> lines) {}
}
