package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;

/**
 * Which endpoints one client leaves alone for a while because they failed. Endpoints are named by
 * their index; times are nanoseconds of the loop.
 */
interface Avoidance {
  /** Nobody is ever left alone. */
  Avoidance NONE = new Avoidance() {};

  /** Makes room for indices below a number. */
  default void ensure(int indices) {}

  /** Whether anyone may be left alone at this time; to be cheap. */
  default boolean isActive(long now) {
    return false;
  }

  /** Whether this one is left alone. */
  default boolean isAvoided(int index, long now) {
    return false;
  }

  /** A request goes there. */
  default void sent(int index) {}

  /** It gives a sign of life, such as a first token. */
  default void answered(int index) {}

  /** A request came back well. */
  default void succeeded(int index, long now) {}

  /** A request came to nothing. */
  default void failed(int index, Failure failure, long now) {}

  /** A request was given up. */
  default void cancelled(int index) {}

  /** The endpoint has left the membership. */
  default void forget(int index) {}
}
