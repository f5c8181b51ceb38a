package io.inferencerouter.benchmarks.simulation.workload;

/**
 * Conversations: the input of a turn is all that was said before and something new, so that its
 * blocks begin with those of the turn before. Immutable.
 *
 * @param turns how many turns a session has
 * @param addedTokens what each turn after the first adds to its input, beside the answer before
 * @param thinkSeconds from an answer to the next turn
 * @param closedLoop whether a turn waits for the real answer before it; otherwise for one as quick
 *     as {@link #ANSWER_SECONDS} and {@link #TOKEN_SECONDS} say
 * @param maxContextTokens a session ends before its input and output exceed it
 */
public record Sessions(
    Sizes turns, Sizes addedTokens, Sizes thinkSeconds, boolean closedLoop, int maxContextTokens) {
  /** The longest context unless said otherwise. */
  public static final int DEFAULT_MAX_CONTEXT_TOKENS = 131_072;

  /** Time to a first token, where only the shape of arrivals depends on it. */
  public static final double ANSWER_SECONDS = 0.5;

  /** Time per further token, where only the shape of arrivals depends on it. */
  public static final double TOKEN_SECONDS = 0.02;

  public Sessions {
    Expect.within("maxContextTokens", maxContextTokens, 1, GeneratedWorkload.MAX_TOKENS);
  }

  /** Turns arrive at their own time. */
  public static Sessions open(Sizes turns, Sizes addedTokens, Sizes thinkSeconds) {
    return new Sessions(turns, addedTokens, thinkSeconds, false, DEFAULT_MAX_CONTEXT_TOKENS);
  }

  /** A turn waits for the answer before it. */
  public static Sessions closed(Sizes turns, Sizes addedTokens, Sizes thinkSeconds) {
    return new Sessions(turns, addedTokens, thinkSeconds, true, DEFAULT_MAX_CONTEXT_TOKENS);
  }
}
