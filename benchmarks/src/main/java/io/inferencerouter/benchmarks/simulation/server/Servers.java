package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.util.random.RandomGenerator;

/** Makes modelled endpoints. */
public final class Servers {
  private Servers() {}

  /**
   * An endpoint for a kind of workload, idle and with cold caches; of its models the first ones are
   * in memory, as many as fit.
   *
   * @param random seeded for this endpoint alone
   */
  public static ModelledServer create(
      EndpointSpec spec, Workload.Kind kind, EventLoop loop, RandomGenerator random) {
    return switch (kind) {
      case GENERATION -> new BatchingServer(spec, loop, random);
      case ENCODING -> new EncoderServer(spec, loop, random);
      case JOBS -> new JobServer(spec, loop, random);
    };
  }
}
