package io.inferencerouter.core.internal.state;

import io.inferencerouter.HardwareProfile;

/**
 * How fast one endpoint serves one model.
 *
 * @param secondsPerInputUnit of one request
 * @param secondsPerOutputUnit of one request that runs alone
 * @param concurrencyPenalty the share by which an output unit gets slower with each neighbour
 * @param parallelism how many requests have their input processed at the same time
 * @param overheadSeconds the fixed time of every request
 */
public record ServiceRates(
    double secondsPerInputUnit,
    double secondsPerOutputUnit,
    double concurrencyPenalty,
    int parallelism,
    double overheadSeconds) {

  /** The rates that a profile declares. */
  public static ServiceRates of(HardwareProfile profile) {
    return new ServiceRates(
        1 / profile.inputRate(),
        1 / profile.outputRate(),
        profile.concurrencyPenalty(),
        profile.parallelism(),
        profile.overhead().toNanos() * 1e-9);
  }

  /** Rates that are {@code factor} times as fast. */
  public ServiceRates timesFaster(double factor) {
    return new ServiceRates(
        secondsPerInputUnit / factor,
        secondsPerOutputUnit / factor,
        concurrencyPenalty,
        parallelism,
        overheadSeconds);
  }
}
