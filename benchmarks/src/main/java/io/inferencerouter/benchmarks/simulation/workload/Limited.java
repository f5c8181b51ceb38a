package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** The first requests of another workload. */
record Limited(Workload whole, long maxRequests) implements Workload {
  @Override
  public String name() {
    return whole.name();
  }

  @Override
  public Kind kind() {
    return whole.kind();
  }

  @Override
  public Iterator<SimulatedRequest> iterator() {
    Iterator<SimulatedRequest> all = whole.iterator();
    return new Iterator<>() {
      private long left = maxRequests;

      @Override
      public boolean hasNext() {
        return left > 0 && all.hasNext();
      }

      @Override
      public SimulatedRequest next() {
        if (left == 0) {
          throw new NoSuchElementException();
        }
        SimulatedRequest request = all.next();
        if (--left == 0 && all instanceof TraceReader trace) {
          trace.close();
        }
        return request;
      }
    };
  }
}
