package io.inferencerouter.benchmarks.jmh;

import io.inferencerouter.InferenceRequest;
import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A thread that sends one request after the other. */
@State(Scope.Thread)
public class Caller {
  private InferenceRequest[] requests = {};
  private InferenceRequest[] streams = {};
  private int turn = ThreadLocalRandom.current().nextInt(Workload.REQUESTS);

  /** Makes the requests: in conversations where the policy goes by them. */
  @Setup
  public void prepare(LoadedRouter router) {
    boolean inSessions = router.policy == Policy.SESSION_HASH;
    requests = Workload.requests(false, inSessions);
    streams = Workload.requests(true, inSessions);
  }

  /** A request that is answered in one piece. */
  InferenceRequest next() {
    return requests[turn++ & (Workload.REQUESTS - 1)];
  }

  /** A request that is answered token by token. */
  InferenceRequest nextStream() {
    return streams[turn++ & (Workload.REQUESTS - 1)];
  }
}
