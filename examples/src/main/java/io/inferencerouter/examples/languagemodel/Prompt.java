package io.inferencerouter.examples.languagemodel;

import java.util.List;

/**
 * What an engine is to continue, and how.
 *
 * @param tokens what to continue, at least one token
 * @param maxTokens the most tokens to generate, at least one; together with the prompt at most
 *     {@link TinyKjv#CONTEXT}
 * @param temperature how adventurous, from 0 up
 * @param seed equal seeds give equal answers, whatever else is served at the same time
 * @param stops texts at which to stop; none of them is part of the answer
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
public record Prompt(
    long[] tokens, int maxTokens, double temperature, long seed, List<String> stops) {
  /** Checks the ranges and copies the list. */
  public Prompt {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("tokens: none (expected: at least one)");
    }
    if (maxTokens < 1 || maxTokens > TinyKjv.CONTEXT - tokens.length) {
      throw new IllegalArgumentException(
          "maxTokens: "
              + maxTokens
              + " (expected: 1 to "
              + (TinyKjv.CONTEXT - tokens.length)
              + ")");
    }
    stops = List.copyOf(stops);
  }
}
