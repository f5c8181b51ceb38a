package io.inferencerouter.benchmarks.simulation.policy;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback;

/**
 * Tells a balancer what became of a request that it sent, at the time when its client learns it.
 */
public interface Observer {
  /** The first output token; not for requests without output. */
  default void firstToken() {}

  /** More output tokens since the last call; the first counts among them. */
  default void progress(int outputTokens) {}

  /**
   * The whole answer, with what it reports of its usage and of the endpoint's load.
   *
   * @param cachedTokens input that came out of the prefix cache
   */
  default void finished(int inputTokens, int cachedTokens, int outputTokens, LoadReport report) {}

  /** It came to nothing. */
  default void failed(ServerCallback.Failure failure) {}

  /** The client gave it up. */
  default void cancelled() {}
}
