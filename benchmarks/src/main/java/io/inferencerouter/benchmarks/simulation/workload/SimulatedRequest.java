package io.inferencerouter.benchmarks.simulation.workload;

import io.inferencerouter.Priority;

/**
 * One request of a workload. Immutable.
 *
 * @param arrivalNanos when it arrives, since the beginning and before a rate factor; in a closed
 *     loop only that of a session's first turn counts
 * @param inputTokens all tokens of the input, those of images included; at least 1
 * @param outputTokens the tokens of the answer, which no client knows beforehand; at least 1,
 *     except for encoders and jobs, where it is 0
 * @param tenant empty if there is none
 * @param session empty if there is none
 * @param turn the place of the request in its session, from 0
 * @param model empty if there is only one
 * @param blocks of the input, where prefixes are known
 * @param textTokens text among the input
 * @param imageTokens images among the input, in tokens
 * @param images how many images
 * @param thinkNanos time between the answer to the turn before and this request, or {@link
 *     #OPEN_LOOP}
 * @param workNanos time of the whole request on a reference GPU, for a job of known work; otherwise
 *     0
 * @param region the only region that may serve it; empty if any may
 */
public record SimulatedRequest(
    long arrivalNanos,
    int inputTokens,
    int outputTokens,
    String tenant,
    String session,
    int turn,
    String model,
    Blocks blocks,
    int textTokens,
    int imageTokens,
    int images,
    long thinkNanos,
    long workNanos,
    String region,
    Priority priority) {
  /** The request arrives at its own time, whatever became of the one before. */
  public static final long OPEN_LOOP = -1;

  /** A text request that shares nothing with others. */
  public static SimulatedRequest text(long arrivalNanos, int inputTokens, int outputTokens) {
    return new SimulatedRequest(
        arrivalNanos,
        inputTokens,
        outputTokens,
        "",
        "",
        0,
        "",
        Blocks.NONE,
        inputTokens,
        0,
        0,
        OPEN_LOOP,
        0,
        "",
        Priority.STANDARD);
  }

  /** Whether it waits for the answer to the turn before. */
  public boolean isClosedLoop() {
    return thinkNanos != OPEN_LOOP;
  }

  /** The same at another time. */
  SimulatedRequest at(long otherArrivalNanos) {
    return new SimulatedRequest(
        otherArrivalNanos,
        inputTokens,
        outputTokens,
        tenant,
        session,
        turn,
        model,
        blocks,
        textTokens,
        imageTokens,
        images,
        thinkNanos,
        workNanos,
        region,
        priority);
  }
}
