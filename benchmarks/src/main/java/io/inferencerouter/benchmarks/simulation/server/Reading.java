package io.inferencerouter.benchmarks.simulation.server;

import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The prompts of which the steps under way read a piece each, the oldest first; only the last is
 * not read to its end.
 */
final class Reading {
  private static final long NEVER = Long.MAX_VALUE;

  private final int tokensPerStep;
  private final StepCosts costs;
  private Sequence[] chunks = new Sequence[4];
  private int count;
  private long steps = NEVER;
  private double nanos;
  private boolean begins;
  private boolean fills;
  private @Nullable Sequence partial;

  Reading(int tokensPerStep, StepCosts costs) {
    this.tokensPerStep = tokensPerStep;
    this.costs = costs;
  }

  /**
   * Decides what the next steps read: the rest of the prompt that is read in part, and as long as
   * there is something left of a step, those that are admitted.
   */
  void compose(Supplier<@Nullable Sequence> admitted) {
    begins = false;
    nanos = 0;
    count = 0;
    Sequence next = partial != null ? partial : admitted.get();
    fills = next != null && next.unread() > tokensPerStep;
    steps = next == null ? NEVER : fills ? (next.unread() - 1) / tokensPerStep : 1;
    for (int left = tokensPerStep; next != null; next = left > 0 ? admitted.get() : null) {
      next.chunk = Math.min(left, next.unread());
      left -= next.chunk;
      nanos += costs.read(next.chunk, next.read);
      begins |= next.beginsToRead();
      add(next);
    }
  }

  private void add(Sequence sequence) {
    if (count == chunks.length) {
      chunks = Arrays.copyOf(chunks, 2 * count);
    }
    chunks[count++] = sequence;
  }

  int count() {
    return count;
  }

  Sequence chunk(int place) {
    return chunks[place];
  }

  /** For so many steps the prompts can be read like that. */
  long steps() {
    return steps;
  }

  /** What a step takes for it; the first one. */
  double nanos() {
    return nanos;
  }

  /** By what each step takes longer than the one before. */
  double growth() {
    return fills ? costs.readGrowth(tokensPerStep) : 0;
  }

  /** Whether one of the prompts is read from its beginning on. */
  boolean begins() {
    return begins;
  }

  /** Whether one prompt takes all that a step can read. */
  boolean fills() {
    return fills;
  }

  /** The prompt goes on with the next steps; without one, another can come. */
  void continues(@Nullable Sequence sequence) {
    partial = sequence;
  }

  /** One has lost its place. */
  void preempted(Sequence sequence) {
    if (sequence == partial) {
      partial = null;
    }
  }

  void clear() {
    partial = null;
    fills = false;
    count = 0;
  }
}
