package io.inferencerouter.core.internal.state;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import java.util.Collection;
import java.util.Optional;

/**
 * The speed of endpoints that declare none: the mean of those that do, in proportion to the
 * weights.
 *
 * <p>With a mixture of declared and undeclared endpoints, an undeclared one must look neither
 * infinitely fast, which would flood it, nor infinitely slow, which would starve it. The mean is
 * the geometric one: speeds are ratios.
 */
final class ReferenceSpeed {
  private final ServiceRates ofWeightOne;

  private ReferenceSpeed(ServiceRates ofWeightOne) {
    this.ofWeightOne = ofWeightOne;
  }

  /**
   * The reference of a set of endpoints.
   *
   * @param otherwise the speed at weight 1 when none declares its own
   */
  static ReferenceSpeed of(Collection<Endpoint> endpoints, HardwareProfile otherwise) {
    double logInput = 0;
    double logOutput = 0;
    int declared = 0;
    for (Endpoint endpoint : endpoints) {
      Optional<HardwareProfile> profile = endpoint.profile();
      if (profile.isPresent()) {
        logInput += StrictMath.log(profile.get().inputRate() / endpoint.weight());
        logOutput += StrictMath.log(profile.get().outputRate() / endpoint.weight());
        declared++;
      }
    }
    if (declared == 0) {
      return new ReferenceSpeed(ServiceRates.of(otherwise));
    }
    return new ReferenceSpeed(
        new ServiceRates(
            1 / StrictMath.exp(logInput / declared),
            1 / StrictMath.exp(logOutput / declared),
            otherwise.concurrencyPenalty(),
            otherwise.parallelism(),
            otherwise.overhead().toNanos() * 1e-9));
  }

  ServiceRates ratesOf(Endpoint endpoint) {
    return endpoint
        .profile()
        .map(ServiceRates::of)
        .orElseGet(() -> ofWeightOne.timesFaster(endpoint.weight()));
  }
}
