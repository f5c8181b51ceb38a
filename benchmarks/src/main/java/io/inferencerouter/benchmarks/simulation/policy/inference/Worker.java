package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/** An endpoint as one router sees it: what this router has sent there and has not got back. */
class Worker {
  private final Target target;
  private final PrefixTree prefixes = new PrefixTree();
  private int requests;
  private long prefillTokens;

  Worker(Target target) {
    this.target = target;
  }

  final Target target() {
    return target;
  }

  /** Requests without their whole answer. */
  final int requests() {
    return requests;
  }

  /** Input tokens, without cached ones, of the requests without their first output. */
  final long prefillTokens() {
    return prefillTokens;
  }

  /** The inputs that were sent here. */
  final PrefixTree prefixes() {
    return prefixes;
  }

  /** Whether it serves the request's model, in the request's region. */
  final boolean serves(SimulatedRequest request) {
    return target.spec().serves(request.model(), request.region());
  }

  void sent(Flight<?> flight) {
    requests++;
    prefillTokens += flight.newTokens();
  }

  void prefilled(Flight<?> flight) {
    prefillTokens -= flight.newTokens();
  }

  void ended(Flight<?> flight) {
    requests--;
  }
}
