package io.inferencerouter.examples.demo.report;

/** The time by which policies are compared. */
public enum Headline {
  /** Until the whole answer is here. */
  ANSWER("were answered", "the answer") {
    @Override
    Latencies of(PolicyResult result) {
      return result.latencies();
    }
  },

  /** Until the first token is here (TTFT, time to first token). */
  FIRST_TOKEN("had their first token", "the first token") {
    @Override
    Latencies of(PolicyResult result) {
      return result.firstOutputs();
    }
  };

  private final String happened;
  private final String event;

  Headline(String happened, String event) {
    this.happened = happened;
    this.event = event;
  }

  /** The times of a result that count. */
  abstract Latencies of(PolicyResult result);

  /** What happened to requests by then, such as {@code were answered}. */
  String happened() {
    return happened;
  }

  /** What was waited for, such as {@code the answer}. */
  String event() {
    return event;
  }
}
