package io.inferencerouter;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Asks an endpoint whether it is well, beside the requests of callers. Transports implement it; the
 * router decides when to ask, and what to make of the answers.
 *
 * <p>Implementations are safe for use by many threads, do not block, and hold nothing once an
 * answer has been given.
 */
@FunctionalInterface
public interface ActiveProbe {
  /**
   * Asks.
   *
   * @param timeout after which nobody waits for the answer any more; the probe gives up by itself
   * @return the answer; a stage that fails counts as an endpoint that is not well
   */
  CompletionStage<ProbeResult> probe(Endpoint endpoint, Duration timeout);
}
