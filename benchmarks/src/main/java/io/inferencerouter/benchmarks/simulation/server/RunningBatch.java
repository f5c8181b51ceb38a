package io.inferencerouter.benchmarks.simulation.server;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sequences in an engine's memory, in the order in which they were admitted, with what they
 * hold. As prompts are read in that order, those that are still read are the youngest.
 */
final class RunningBatch {
  final StepHeap due = new StepHeap();

  private long steps;
  private int size;
  private int decoding;
  private long context;
  private long reserved;
  private long remaining;
  private @Nullable Sequence oldest;
  private @Nullable Sequence youngest;

  /** How many steps have ended since the beginning. */
  long steps() {
    return steps;
  }

  int size() {
    return size;
  }

  /** How many of them answer, and grow by a token per step. */
  int decoding() {
    return decoding;
  }

  /** The tokens of those that answer. */
  long context() {
    return context;
  }

  /** Tokens of memory in use. */
  long used() {
    return context + reserved;
  }

  /** The tokens that those which answer have still to answer. */
  long remaining() {
    return remaining;
  }

  @Nullable Sequence youngest() {
    return youngest;
  }

  void advance(long count) {
    steps += count;
    context += decoding * count;
    remaining -= decoding * count;
  }

  /** Admits one whose prompt is to be read. */
  void add(Sequence sequence) {
    sequence.decoding = false;
    sequence.older = youngest;
    sequence.younger = null;
    if (youngest == null) {
      oldest = sequence;
    } else {
      youngest.younger = sequence;
    }
    youngest = sequence;
    size++;
    reserved += sequence.target;
  }

  /** One has been read, and has its next token. */
  void startDecoding(Sequence sequence) {
    reserved -= sequence.target;
    sequence.generated++;
    sequence.baseStep = steps;
    sequence.decoding = true;
    decoding++;
    context += sequence.needed();
    remaining += sequence.output - sequence.generated;
    sequence.setDueAfter(steps);
    due.add(sequence);
  }

  /** Takes one out; what it has answered is written into it. */
  void remove(Sequence sequence) {
    if (sequence.decoding) {
      due.remove(sequence);
      sequence.generated += (int) (steps - sequence.baseStep);
      sequence.baseStep = steps;
      decoding--;
      context -= sequence.needed();
      remaining -= sequence.output - sequence.generated;
    } else {
      reserved -= sequence.target;
    }
    unlink(sequence);
  }

  /** Takes all out, the oldest first. */
  void drainTo(List<Sequence> lost) {
    while (oldest != null) {
      Sequence sequence = oldest;
      remove(sequence);
      lost.add(sequence);
    }
  }

  private void unlink(Sequence sequence) {
    Sequence before = sequence.older;
    Sequence after = sequence.younger;
    if (before == null) {
      oldest = after;
    } else {
      before.younger = after;
    }
    if (after == null) {
      youngest = before;
    } else {
      after.older = before;
    }
    sequence.older = null;
    sequence.younger = null;
    size--;
  }
}
