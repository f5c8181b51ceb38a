package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import org.jspecify.annotations.Nullable;

/** A request at an engine: a prompt that is read, and an answer that grows by a token per step. */
final class Sequence extends ServedRequest {
  static final int NOT_IN_HEAP = -1;

  /** Tokens of the answer; an engine always makes one. */
  final int output;

  /** What it is thought to have to read, while it waits. */
  int expectedRead;

  /** Tokens that are in memory when it has been read: its input and what it has answered. */
  int target;

  /** Tokens of these that are in memory. */
  int read;

  /** Tokens of these that were in the cache when it was admitted. */
  int reused;

  /** The stay of its model in memory, which its blocks belong to. */
  long modelStay;

  /** Blocks of its input that it holds in the prefix cache. */
  int heldBlocks;

  /** Tokens that it reads in the step under way. */
  int chunk;

  /** Tokens of its answer at {@link #baseStep}. */
  int generated;

  long baseStep;

  /** When something happens to it next: the answer ends, or its progress is told. */
  long dueStep;

  boolean decoding;
  int heapIndex = NOT_IN_HEAP;
  @Nullable Sequence older;
  @Nullable Sequence younger;

  Sequence(SimulatedRequest request, ServerCallback callback, long ticket) {
    super(request, callback, ticket);
    this.output = Math.max(1, request.outputTokens());
  }

  /** Whether it was preempted before. */
  boolean wasPreempted() {
    return order != ticket;
  }

  /** What has to be in memory before it can go on. */
  int needed() {
    return request.inputTokens() + generated;
  }

  int unread() {
    return target - read;
  }

  boolean beginsToRead() {
    return read == reused;
  }

  long lastStep() {
    return baseStep + output - generated;
  }

  /** Whether it leaves at that step; otherwise its progress is told. */
  boolean endsAt(long step) {
    return gone || step >= lastStep();
  }

  /** Sets what is due after a step at which it had so many tokens. */
  void setDueAfter(long step) {
    long tokens = generated + step - baseStep;
    long untilTold = ServerCallback.PROGRESS_TOKENS - tokens % ServerCallback.PROGRESS_TOKENS;
    dueStep = Math.min(lastStep(), step + untilTold);
  }
}
