package io.inferencerouter;

import java.util.Map;

/**
 * Chooses an endpoint for a request. This is where a balancing policy lives; ready ones are in
 * {@code Selectors} of {@code lib-core}.
 *
 * <p>Selectors are called on every routing decision, by many threads at once, and should neither
 * allocate nor block. They cannot break a hard rule: all candidates are eligible. A selector that
 * throws, or returns an index that is out of range, does no harm: the router chooses in its place,
 * and listeners hear of it.
 */
@FunctionalInterface
public interface EndpointSelector {
  /** Returned when no candidate is to be used. */
  int NONE = -1;

  /**
   * Chooses one of the candidates.
   *
   * @return its index; one that is {@linkplain Candidates#isAvailable not available} makes the
   *     router ask again, a few times at most. {@link #NONE} if no candidate is available or
   *     wanted.
   */
  int select(InferenceRequest request, Candidates candidates);

  /**
   * Explains what this selector thinks of a candidate: the terms of its score by name, in order, in
   * seconds where the selector thinks in seconds. The sum of the terms is the score, and less is
   * better. Not on the hot path.
   *
   * @return the terms; by default none
   */
  default Map<String, Double> explain(InferenceRequest request, Candidates candidates, int index) {
    return Map.of();
  }

  /**
   * The unit of the scores that {@link #explain} tells, such as {@code s}; empty (the default) for
   * a number without one.
   */
  default String scoreUnit() {
    return "";
  }
}
