package io.inferencerouter.benchmarks.simulation.server;

import java.util.Arrays;

/** Sequences by the step at which something is due, those of one step by their tickets. */
final class StepHeap {
  private Sequence[] heap = new Sequence[16];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  Sequence first() {
    return heap[0];
  }

  /** The step of the first one, or {@link Long#MAX_VALUE}. */
  long firstStep() {
    return size == 0 ? Long.MAX_VALUE : heap[0].dueStep;
  }

  void add(Sequence sequence) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
    }
    up(size++, sequence);
  }

  void remove(Sequence sequence) {
    int index = sequence.heapIndex;
    Sequence last = heap[--size];
    sequence.heapIndex = Sequence.NOT_IN_HEAP;
    if (last != sequence) {
      settle(index, last);
    }
  }

  /** Finds the place of one whose step has changed. */
  void moved(Sequence sequence) {
    settle(sequence.heapIndex, sequence);
  }

  private void settle(int index, Sequence sequence) {
    if (index > 0 && isBefore(sequence, heap[(index - 1) >> 1])) {
      up(index, sequence);
    } else {
      down(index, sequence);
    }
  }

  private void up(int from, Sequence sequence) {
    int index = from;
    while (index > 0) {
      int parent = (index - 1) >> 1;
      if (!isBefore(sequence, heap[parent])) {
        break;
      }
      put(index, heap[parent]);
      index = parent;
    }
    put(index, sequence);
  }

  private void down(int from, Sequence sequence) {
    int index = from;
    int child;
    while ((child = 2 * index + 1) < size) {
      if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
        child++;
      }
      if (!isBefore(heap[child], sequence)) {
        break;
      }
      put(index, heap[child]);
      index = child;
    }
    put(index, sequence);
  }

  private void put(int index, Sequence sequence) {
    heap[index] = sequence;
    sequence.heapIndex = index;
  }

  private static boolean isBefore(Sequence one, Sequence other) {
    return one.dueStep < other.dueStep
        || (one.dueStep == other.dueStep && one.ticket < other.ticket);
  }
}
