package io.inferencerouter.examples.demo;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.RouterListener;
import io.inferencerouter.examples.demo.report.Reaction;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a router does about faults. */
final class FaultCounts implements RouterListener {
  private final LongAdder retried = new LongAdder();
  private final LongAdder moved = new LongAdder();
  private final LongAdder ejected = new LongAdder();

  @Override
  public void attemptRetried(AttemptRetried event) {
    (event.revocation().isPresent() ? moved : retried).increment();
  }

  @Override
  public void endpointEjected(EndpointEjected event) {
    ejected.increment();
  }

  /** What there was so far. */
  Reaction reaction() {
    return new Reaction(retried.sum(), moved.sum(), ejected.sum());
  }
}
