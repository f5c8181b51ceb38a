package io.inferencerouter.examples.demo.workload;

/**
 * What came back for one request.
 *
 * @param job the request
 * @param latencyNanos from the time at which it was due to be sent until its last byte was here
 * @param status the HTTP status; 0 when there was no answer
 * @param endpoint who served it; empty when unknown
 * @param timing what the endpoint said of its durations; empty when nothing
 * @param body the body; empty when there was no answer
 * @param failure what went wrong on the way; empty when nothing did
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
public record Answer(
    Job job,
    long latencyNanos,
    int status,
    String endpoint,
    ServerTiming timing,
    byte[] body,
    String failure) {
  private static final byte[] NOTHING = {};

  /** An answer that did not come, for the stated reason. */
  static Answer failed(Job job, long latencyNanos, String failure) {
    return new Answer(job, latencyNanos, 0, "", ServerTiming.UNKNOWN, NOTHING, failure);
  }
}
