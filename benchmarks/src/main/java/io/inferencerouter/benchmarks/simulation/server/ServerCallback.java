package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.LoadReport;

/** What an endpoint tells about one request, in this order, each at the virtual time it happens. */
public interface ServerCallback {
  /**
   * The first output token. For requests without output it is not called.
   *
   * @param cachedTokens input that came out of the prefix cache
   */
  void firstToken(int cachedTokens);

  /** More output; called every {@value #PROGRESS_TOKENS} tokens. */
  void progress(int outputTokens);

  /**
   * The whole answer.
   *
   * @param cachedTokens input that came out of the prefix cache
   * @param report the endpoint's load, as it puts it into the answer
   */
  void finished(int cachedTokens, LoadReport report);

  /** It came to nothing. */
  void failed(Failure failure);

  /** The distance of two calls to {@link #progress}, in tokens. */
  int PROGRESS_TOKENS = 64;

  /** How a request comes to nothing. */
  enum Failure {
    /** Nobody listens; at once. */
    REFUSED,
    /** Answered at once with an error. */
    ERROR,
    /** The endpoint died while working at it. */
    RESET,
    /** It can never run there: larger than the endpoint's memory, or of another model. */
    IMPOSSIBLE
  }
}
