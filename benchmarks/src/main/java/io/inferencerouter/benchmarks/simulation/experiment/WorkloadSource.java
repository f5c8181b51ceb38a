package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.util.function.LongFunction;

/**
 * A workload for every seed.
 *
 * @param name for messages
 * @param description everything that its requests depend on but the seed
 * @param seeded makes it; a trace is the same for every seed
 */
public record WorkloadSource(String name, String description, LongFunction<Workload> seeded) {}
