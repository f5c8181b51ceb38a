package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Iterator;

/**
 * A stream of requests, sorted by arrival; each iterator begins anew and yields the same requests.
 * Requests are made as they are asked for, so that a workload of millions fits into memory.
 */
public interface Workload extends Iterable<SimulatedRequest> {
  /** A name for tables, such as that of the trace's file. */
  String name();

  /** Whether endpoints are engines that generate text, encoders, or run jobs of known work. */
  Kind kind();

  /**
   * The requests.
   *
   * @throws WorkloadException from {@code next} when a trace is malformed there
   */
  @Override
  Iterator<SimulatedRequest> iterator();

  /** What serves the workload. */
  enum Kind {
    /** Requests with output: engines with continuous batching. */
    GENERATION,
    /** Requests without output: encoders that batch. */
    ENCODING,
    /** Requests of known work. */
    JOBS
  }
}
