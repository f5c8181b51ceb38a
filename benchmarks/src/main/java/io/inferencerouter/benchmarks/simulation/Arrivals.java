package io.inferencerouter.benchmarks.simulation;

import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Lets the requests of a workload arrive, each at its time. In a closed loop, a session's turn
 * arrives when its user has thought about the answer to the turn before; a turn whose predecessor
 * came to nothing arrives after the same pause.
 */
final class Arrivals {
  private final EventLoop loop;
  private final Span span;
  private final Iterator<SimulatedRequest> requests;
  private final Consumer<SimulatedRequest> client;
  private final Map<String, Queue<SimulatedRequest>> sessions = new HashMap<>();
  private long left;

  /** Taken from the workload, and not arrived yet. */
  private long held;

  Arrivals(Scenario scenario, Span span, EventLoop loop, Consumer<SimulatedRequest> client) {
    this.loop = loop;
    this.span = span;
    this.requests = scenario.workload().iterator();
    this.left = span.requests();
    this.client = client;
  }

  /** Lets the first arrive, and those after it follow. */
  void begin() {
    next();
  }

  /** Whether no more will arrive. */
  boolean areOver() {
    return left == 0 && held == 0;
  }

  private void next() {
    while (left > 0 && requests.hasNext()) {
      SimulatedRequest request = requests.next();
      left--;
      if (!request.isClosedLoop()) {
        arrivesAt(span.arrivalNanos(request), request);
        return;
      }
      Queue<SimulatedRequest> turns = sessions.get(request.session());
      if (turns == null) {
        sessions.put(request.session(), new ArrayDeque<>());
        arrivesAt(span.arrivalNanos(request), request);
        return;
      }
      turns.add(request);
      held++;
    }
    left = 0;
  }

  private void arrivesAt(long nanos, SimulatedRequest request) {
    held++;
    loop.at(
        nanos,
        () -> {
          held--;
          next();
          client.accept(request);
        });
  }

  /** A request has been answered, or has come to nothing: its user may go on. */
  void ended(SimulatedRequest request) {
    if (!request.isClosedLoop()) {
      return;
    }
    Queue<SimulatedRequest> turns = sessions.get(request.session());
    SimulatedRequest following = turns == null ? null : turns.poll();
    if (following == null) {
      // The next turn, should the workload bring one, then begins by its own time.
      sessions.remove(request.session());
      return;
    }
    loop.after(
        following.thinkNanos(),
        () -> {
          held--;
          client.accept(following);
        });
  }
}
