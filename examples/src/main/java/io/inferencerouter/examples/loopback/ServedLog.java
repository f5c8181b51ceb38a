package io.inferencerouter.examples.loopback;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Collects what a server has finished until somebody asks. Safe for use by many threads. */
public final class ServedLog {
  private final Queue<Served> served = new ConcurrentLinkedQueue<>();

  /** Adds what has just been finished. */
  public void add(Served one) {
    served.add(one);
  }

  /** Removes and returns what was added since the last call, in its order. */
  public List<Served> take() {
    List<Served> taken = new ArrayList<>();
    for (Served one = served.poll(); one != null; one = served.poll()) {
      taken.add(one);
    }
    return taken;
  }
}
