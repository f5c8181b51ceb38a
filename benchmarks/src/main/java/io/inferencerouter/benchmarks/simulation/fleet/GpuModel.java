package io.inferencerouter.benchmarks.simulation.fleet;

/**
 * The speed of one endpoint: an engine with continuous batching on one kind of GPU, for one model.
 *
 * <pre>
 *   prefill of n new tokens behind k cached ones = a + b·n + c·(n² + 2·n·k)
 *   a decode step of B sequences with S tokens of context in all, beside q tokens of prefill
 *                                                = c0 + d·B + e·S + b·q
 * </pre>
 *
 * <p>All times in milliseconds. Immutable.
 *
 * @param name for tables, such as {@code H100}
 * @param a fixed part of a prefill
 * @param b prefill per token
 * @param c prefill per token squared
 * @param c0 fixed part of a decode step
 * @param d decode step per sequence
 * @param e decode step per token of context
 * @param kvTokens capacity of the cache of keys and values, in tokens
 */
public record GpuModel(
    String name, double a, double b, double c, double c0, double d, double e, long kvTokens) {}
