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
  private int turn = ThreadLocalRandom.current().nextInt(Workload.REQUESTS);

  /** Makes the requests: in conversations where the policy goes by them. */
  @Setup
  public void prepare(LoadedRouter router) {
    requests = Workload.requests(router.policy == Policy.SESSION_HASH);
  }

  InferenceRequest next() {
    return requests[turn++ & (Workload.REQUESTS - 1)];
  }
}
