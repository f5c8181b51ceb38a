package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.benchmarks.simulation.policy.Target;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * What all balancers of a policy have sent to each endpoint, so that requests of the same instant,
 * from whichever client, see each other. Endpoints of a run that is over are forgotten; runs beside
 * each other do not touch.
 */
final class SharedOutstanding {
  private final Map<Target, Outstanding> known = Collections.synchronizedMap(new WeakHashMap<>());

  Outstanding of(Target target) {
    return known.computeIfAbsent(target, any -> new Outstanding());
  }
}
