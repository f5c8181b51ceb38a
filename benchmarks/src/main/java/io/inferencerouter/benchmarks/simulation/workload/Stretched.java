package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Iterator;

/** Another workload with its times since the first arrival multiplied. */
record Stretched(Workload original, double factor) implements Workload {
  @Override
  public String name() {
    return original.name();
  }

  @Override
  public Kind kind() {
    return original.kind();
  }

  @Override
  public Iterator<SimulatedRequest> iterator() {
    Iterator<SimulatedRequest> requests = original.iterator();
    return new Iterator<>() {
      private boolean begun;
      private long first;

      @Override
      public boolean hasNext() {
        return requests.hasNext();
      }

      @Override
      public SimulatedRequest next() {
        SimulatedRequest request = requests.next();
        if (!begun) {
          begun = true;
          first = request.arrivalNanos();
        }
        return request.at(Math.round((request.arrivalNanos() - first) * factor));
      }
    };
  }
}
