package io.inferencerouter.benchmarks.jmh;

import io.inferencerouter.InferenceRequest;
import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A thread that sends one request after the other. */
@State(Scope.Thread)
public class Caller {
  private final InferenceRequest[] requests = Workload.requests();
  private int turn = ThreadLocalRandom.current().nextInt(requests.length);

  InferenceRequest next() {
    return requests[turn++ & (Workload.REQUESTS - 1)];
  }
}
