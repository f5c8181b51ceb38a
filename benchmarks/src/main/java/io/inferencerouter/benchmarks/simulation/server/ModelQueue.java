package io.inferencerouter.benchmarks.simulation.server;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The requests of one model that wait, in their order. */
final class ModelQueue<R extends ServedRequest> {
  /** Where the model is. */
  enum Residency {
    ABSENT,
    WANTED,
    LOADING,
    RESIDENT
  }

  private final Deque<R> waiting = new ArrayDeque<>();
  private int size;

  Residency residency = Residency.ABSENT;

  static final long NEVER_STAYED = -1;

  /** Tells this stay of the model in memory from all others. */
  long stay = NEVER_STAYED;

  int running;
  long lastUsed;

  int size() {
    return size;
  }

  @Nullable R first() {
    R first = waiting.peekFirst();
    while (first != null && first.gone) {
      waiting.removeFirst();
      first = waiting.peekFirst();
    }
    return first;
  }

  long firstOrder() {
    R first = first();
    return first == null ? Long.MAX_VALUE : first.order;
  }

  void addLast(R request) {
    waiting.addLast(request);
    size++;
  }

  void addFirst(R request) {
    waiting.addFirst(request);
    size++;
  }

  /** Takes out the one that is first. */
  void removeFirst() {
    waiting.removeFirst();
    size--;
  }

  /** Counts one out that is gone; it is taken out when it comes to the front. */
  void gaveUp() {
    size--;
  }

  void drainTo(List<R> lost) {
    for (R request : waiting) {
      if (!request.gone) {
        lost.add(request);
      }
    }
    waiting.clear();
    size = 0;
  }
}
