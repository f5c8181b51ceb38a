package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;

/** The coefficients of a GPU, in nanoseconds. */
final class StepCosts {
  private static final double NANOS_PER_MILLI = 1e6;

  /** Paid once by a prompt that is read while nothing else runs. */
  final double begin;

  final double perSequence;
  final double perContextToken;
  private final double perToken;
  private final double perTokenPair;
  private final double perStep;

  StepCosts(GpuModel gpu) {
    begin = gpu.a() * NANOS_PER_MILLI;
    perToken = gpu.b() * NANOS_PER_MILLI;
    perTokenPair = gpu.c() * NANOS_PER_MILLI;
    perStep = gpu.c0() * NANOS_PER_MILLI;
    perSequence = gpu.d() * NANOS_PER_MILLI;
    perContextToken = gpu.e() * NANOS_PER_MILLI;
  }

  /**
   * Reading tokens behind others of the same prompt. Over all pieces of a prompt this comes to the
   * same, however it is cut: (q² + 2·q·k) is (k + q)² − k².
   */
  double read(double tokens, double before) {
    return tokens * (perToken + perTokenPair * (tokens + 2 * before));
  }

  /** By how much a piece of that size costs more than the piece of that size before it. */
  double readGrowth(double tokens) {
    return 2 * perTokenPair * tokens * tokens;
  }

  /** Reading a prompt alone. */
  double prefill(double tokens, double cached) {
    return begin + read(tokens, cached);
  }

  /** One step of sequences. */
  double decode(double sequences, double context) {
    return perStep + perSequence * sequences + perContextToken * context;
  }

  /** Several steps of sequences, each with its context growing by a token per step. */
  double decode(double steps, double sequences, double context) {
    return steps * decode(sequences, context)
        + perContextToken * sequences * steps * (steps - 1) / 2;
  }

  /** A request alone and without a cache, as far as it has an answer of so many tokens. */
  double alone(int input, int output) {
    return prefill(input, 0) + decode(Math.max(0, output - 1), 1, input + 1.0);
  }
}
