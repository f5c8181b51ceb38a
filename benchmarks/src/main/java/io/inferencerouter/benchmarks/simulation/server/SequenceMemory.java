package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * The memory of an engine: what running sequences have read and answered, and in the room that they
 * leave the prefix cache, with which they share the blocks of their inputs.
 */
final class SequenceMemory {
  private final long capacity;
  private final RunningBatch batch;
  private final PrefixCache cache = new PrefixCache();

  SequenceMemory(long capacity, RunningBatch batch) {
    this.capacity = capacity;
    this.batch = batch;
  }

  long capacity() {
    return capacity;
  }

  /** Whether there is room for what a sequence has so far. */
  boolean fits(Sequence sequence) {
    return batch.used() + sequence.needed() <= capacity;
  }

  /** Whether running sequences have outgrown it. */
  boolean isOverfull() {
    return batch.used() > capacity;
  }

  /** In the step of that number, counted from 1, running sequences outgrow it. */
  long stepsToOverflow() {
    int decoding = batch.decoding();
    return decoding == 0 ? Long.MAX_VALUE : (capacity - batch.used()) / decoding + 1;
  }

  /** The share that running sequences use after so many steps more. */
  double use(long steps) {
    return (double) (batch.used() + batch.decoding() * steps) / capacity;
  }

  /** How much of an input is cached; at least one token is always read. */
  int hit(SimulatedRequest request, long modelStay) {
    int blocks = cache.leading(request.blocks(), modelStay);
    return Math.min(PrefixCache.tokens(blocks, request.inputTokens()), request.inputTokens() - 1);
  }

  /** Takes a sequence in, and decides how much of it was cached. */
  void admit(Sequence sequence, long modelStay) {
    SimulatedRequest request = sequence.request;
    sequence.modelStay = modelStay;
    int blocks = cache.leading(request.blocks(), modelStay);
    cache.hold(request.blocks(), 0, blocks, request.inputTokens(), modelStay);
    sequence.heldBlocks = blocks;
    sequence.target = sequence.needed();
    sequence.reused =
        Math.min(PrefixCache.tokens(blocks, request.inputTokens()), sequence.target - 1);
    sequence.read = sequence.reused;
    if (!sequence.wasPreempted()) {
      sequence.cachedTokens = sequence.reused;
    }
    batch.add(sequence);
    trim();
  }

  /** All of an input has been read: others can have it too. */
  void share(Sequence sequence) {
    SimulatedRequest request = sequence.request;
    int blocks = request.blocks().count();
    cache.hold(
        request.blocks(), sequence.heldBlocks, blocks, request.inputTokens(), sequence.modelStay);
    sequence.heldBlocks = blocks;
  }

  /**
   * A sequence leaves.
   *
   * @param keep whether its input stays in the cache while there is room
   */
  void release(Sequence sequence, boolean keep) {
    batch.remove(sequence);
    cache.release(sequence.request.blocks(), sequence.heldBlocks, sequence.modelStay, keep);
    sequence.heldBlocks = 0;
  }

  /** Leaves the cache no more than the room that there is. */
  void trim() {
    cache.trim(capacity - batch.used());
  }

  void clear() {
    cache.clear();
  }
}
