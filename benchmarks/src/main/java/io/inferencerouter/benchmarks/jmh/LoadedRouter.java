package io.inferencerouter.benchmarks.jmh;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Route;
import io.inferencerouter.Ticker;
import io.inferencerouter.core.CoarseTicker;
import io.inferencerouter.core.InferenceRouters;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A router over a mixed fleet with requests in flight on all of it, so that scores differ and no
 * two iterations meet the same ones.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // the fields that JMH has set up are there when used
public class LoadedRouter {
  private static final int IN_FLIGHT_PER_ENDPOINT = 3;

  /** How many endpoints there are. */
  @Param({"4", "16", "64", "256", "1024"})
  public int endpoints;

  /** How they are chosen. */
  @Param public Policy policy;

  /** What time is read from. */
  @Param public Clock clock;

  InferenceRouter router;
  Route route;

  private final List<Lease> background = new ArrayList<>();
  private Ticker ticker;

  /** Builds the router. */
  @Setup(Level.Trial)
  public void build() {
    ticker = clock == Clock.COARSE ? CoarseTicker.start() : Ticker.system();
    router =
        InferenceRouters.builder()
            .endpoints(Workload.endpoints(endpoints))
            .selector(policy.selector())
            .ticker(ticker)
            .build();
    route = router.route(Workload.MODEL);
    for (int i = 0; i < 100 * endpoints; i++) {
      router
          .acquire(Workload.requests(false, false)[0])
          .complete(Outcome.success()); // leave no one warming
    }
  }

  /** Puts other requests in flight: half of them still read, half of them answer already. */
  @Setup(Level.Iteration)
  public void load() {
    background.forEach(lease -> lease.complete(Outcome.success()));
    background.clear();
    InferenceRequest[] requests = Workload.requests(true, false);
    for (int i = 0; i < IN_FLIGHT_PER_ENDPOINT * endpoints; i++) {
      Lease lease = router.acquire(requests[i % requests.length]);
      if (i % 2 == 0) {
        lease.firstToken();
        lease.progress(i % 100);
      }
      background.add(lease);
    }
  }

  /** Ends everything, and fails if anything is left on an endpoint. */
  @TearDown(Level.Trial)
  public void close() {
    background.forEach(lease -> lease.complete(Outcome.success()));
    if (router.snapshot().inFlight() != 0) {
      throw new IllegalStateException(
          "in flight: " + router.snapshot().inFlight() + " (expected: 0 after the last release)");
    }
    router.close();
    if (ticker instanceof CoarseTicker coarse) {
      coarse.close();
    }
  }
}
