package io.inferencerouter.examples.demo.workload;

/**
 * What came back for one request.
 *
 * @param job the request
 * @param latencyNanos from the time at which it was due to be sent until its last byte was here
 * @param outputNanos from then until each output was here; empty when the answer was no stream
 * @param status the HTTP status, which of gRPC is 200 for every answer; 0 when there was no answer
 * @param endpoint who served it; empty when unknown
 * @param timing what the endpoint said of its durations; empty when nothing
 * @param body the body; empty when there was no answer
 * @param failure what went wrong on the way; empty when nothing did
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
public record Answer(
    Job job,
    long latencyNanos,
    long[] outputNanos,
    int status,
    String endpoint,
    ServerTiming timing,
    byte[] body,
    String failure) {
  private static final byte[] NOTHING = {};
  private static final long[] NEVER = {};

  /** An answer that was no stream. */
  public static Answer whole(
      Job job, long latencyNanos, int status, String endpoint, ServerTiming timing, byte[] body) {
    return new Answer(job, latencyNanos, NEVER, status, endpoint, timing, body, "");
  }

  /** An answer that did not come, for the stated reason. */
  public static Answer failed(Job job, long latencyNanos, String failure) {
    return new Answer(job, latencyNanos, NEVER, 0, "", ServerTiming.UNKNOWN, NOTHING, failure);
  }

  /** Whether the answer came in parts. */
  public boolean isStreamed() {
    return outputNanos.length > 0;
  }
}
