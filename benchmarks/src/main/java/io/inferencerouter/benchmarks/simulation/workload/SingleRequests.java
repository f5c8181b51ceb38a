package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** Requests that have nothing to do with each other. */
final class SingleRequests implements Iterator<SimulatedRequest> {
  private final Arrivals.Times times;
  private final Population population;
  private long left;

  SingleRequests(long requests, Arrivals.Times times, Population population) {
    this.left = requests;
    this.times = times;
    this.population = population;
  }

  @Override
  public boolean hasNext() {
    return left > 0;
  }

  @Override
  public SimulatedRequest next() {
    if (left == 0) {
      throw new NoSuchElementException();
    }
    left--;
    return population.single((long) (times.nextSeconds() * 1e9));
  }
}
