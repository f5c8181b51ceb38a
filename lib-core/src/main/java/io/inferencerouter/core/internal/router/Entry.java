package io.inferencerouter.core.internal.router;

import io.inferencerouter.Endpoint;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.OutstandingWork;
import io.inferencerouter.core.internal.state.ReservedMemory;

/** How a lease enters an endpoint: what has to be had there, in the order in which it is asked. */
final class Entry {
  private Entry() {}

  /**
   * Has the model loaded, if it is not there.
   *
   * @return whether this request is the one that loads it
   */
  static boolean startLoading(RoutedLease lease, Candidate candidate) {
    int limit = candidate.endpoint.maxResidentModels();
    if (limit != Endpoint.UNLIMITED_MODELS) {
      candidate.state.use(candidate.service, limit, lease.nowNanos());
    }
    return candidate.service.residency.startLoading();
  }

  /** Reserves a slot, predicted time and, where it is limited, memory; or nothing at all. */
  static boolean enter(
      RoutedLease lease, Pipeline pipeline, Candidate candidate, int input, int output) {
    if (!candidate.budgeted) {
      return candidate.work.enter(
          candidate.slots, input, output, lease.context(), lease.nowNanos());
    }
    ReservedMemory memory = candidate.state.memory;
    long units = lease.memoryUnits();
    if (!OutstandingWork.admits(candidate.work.admissionWord(), candidate.slots)
        || !memory.reserve(units, candidate.endpoint.memoryBudget())) {
      return false;
    }
    if (!candidate.work.enter(candidate.slots, input, output, lease.context(), lease.nowNanos())) {
      memory.release(units);
      pipeline.memoryFreed(); // somebody may have found it taken, and begun to wait
      return false;
    }
    return true;
  }
}
