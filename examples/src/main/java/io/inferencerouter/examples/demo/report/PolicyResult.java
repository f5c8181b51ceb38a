package io.inferencerouter.examples.demo.report;

import java.util.Optional;

/**
 * What one policy achieved.
 *
 * @param policy its name
 * @param requests how many requests were sent
 * @param errors how many were answered, but not rightly
 * @param lost how many were not answered at all
 * @param throughput right answers per second, from the start to the last answer
 * @param latencies of the right answers
 * @param firstOutputs times to the first token of the right answers; none when they were no streams
 * @param gaps times from each token to the next
 * @param utilisation while requests arrived
 * @param routing how long the router took for its decisions
 * @param processorShare how busy this process kept the machine's processors, 0 to 1
 * @param overrun by which share of the stated service times serving took longer, 0 when as stated
 * @param reaction what the router did about the faults of the endpoints; empty if none were planned
 */
public record PolicyResult(
    String policy,
    int requests,
    int errors,
    int lost,
    double throughput,
    Latencies latencies,
    Latencies firstOutputs,
    Latencies gaps,
    Utilisation utilisation,
    Latencies routing,
    double processorShare,
    double overrun,
    Optional<Reaction> reaction) {
  /** Whether every request was answered rightly. */
  public boolean complete() {
    return errors == 0 && lost == 0;
  }

  /** Whether the answers were streams. */
  boolean isStreamed() {
    return firstOutputs.count() > 0;
  }

  /** Tokens per second, from the start to the last answer. */
  double tokensPerSecond() {
    long answers = firstOutputs.count();
    return answers == 0 ? 0 : throughput * (answers + gaps.count()) / answers;
  }
}
