package io.inferencerouter.benchmarks.stress;

import static io.inferencerouter.benchmarks.stress.SmallRouter.REQUEST;
import static io.inferencerouter.benchmarks.stress.SmallRouter.asInt;
import static io.inferencerouter.benchmarks.stress.SmallRouter.held;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.internal.state.OutstandingWork;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Endpoints that are ejected, left alone and brought back by several threads at once. */
public final class EjectionStress {
  private static final Duration SHORT = Duration.ofSeconds(2);
  private static final Duration LONG = Duration.ofSeconds(60);

  private EjectionStress() {}

  /** A router that ejects after the first failure, and whose time can be set. */
  private static InferenceRouter router(long[] now, Endpoint... endpoints) {
    InferenceRouters.Builder router =
        InferenceRouters.builder()
            .ticker(() -> now[0])
            .scheduler((delay, task) -> () -> {})
            .executor(Runnable::run)
            .health(HealthPolicy.builder().consecutiveFailures(1).build());
    for (Endpoint endpoint : endpoints) {
      router.endpoint(endpoint);
    }
    return router.build();
  }

  private static int ejected(InferenceRouter router) {
    return (int)
        router.snapshot().endpoints().stream()
            .filter(endpoint -> endpoint.lifecycle() == Lifecycle.EJECTED)
            .count();
  }

  /** Of two endpoints both fail at the same moment. Results: ejected, held. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "One of them stays in use.")
  @State
  public static class FailureAgainstFailure {
    private final InferenceRouter router =
        router(new long[1], SmallRouter.endpoint("a"), SmallRouter.endpoint("b"));
    private final Lease first = router.acquire(REQUEST);
    private final Lease second = router.acquire(REQUEST);

    /** Fails. */
    @Actor
    public void first() {
      first.complete(io.inferencerouter.Outcome.serverFault());
    }

    /** Fails too. */
    @Actor
    public void second() {
      second.complete(io.inferencerouter.Outcome.serverFault());
    }

    /** Counts. */
    @Arbiter
    public void left(II_Result result) {
      result.r1 = ejected(router);
      result.r2 = held(router);
    }
  }

  /**
   * An endpoint asks for a short and for a long wait at the same moment. Results: the seconds for
   * which it is left alone, held.
   */
  @JCStressTest
  @Outcome(id = "60, 0", expect = ACCEPTABLE, desc = "The longer one counts.")
  @State
  public static class ShortWaitAgainstLongWait {
    private final InferenceRouter router =
        router(new long[1], Endpoint.builder("a", "http://a.example").maxConcurrency(2).build());
    private final Lease first = router.acquire(REQUEST);
    private final Lease second = router.acquire(REQUEST);

    /** Asks for a short one. */
    @Actor
    public void shortWait() {
      first.complete(io.inferencerouter.Outcome.rateLimited(SHORT));
    }

    /** Asks for a long one. */
    @Actor
    public void longWait() {
      second.complete(io.inferencerouter.Outcome.rateLimited(LONG));
    }

    /** Looks at what is asked of the next. */
    @Arbiter
    public void left(II_Result result) {
      try {
        router.acquire(REQUEST).close();
      } catch (io.inferencerouter.OverloadedException wait) {
        result.r1 = (int) wait.retryAfter().toSeconds();
      }
      result.r2 = held(router);
    }
  }

  /**
   * Somebody brings an endpoint back while a request fails on it that was under way. Results:
   * ejected, whether the closed bit says the same, held.
   */
  @JCStressTest
  @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "Back, and ejected for the failure.")
  @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "It failed before it came back.")
  @State
  public static class ReturnAgainstFailure {
    private final InferenceRouter router =
        router(new long[1], SmallRouter.endpoint("a"), SmallRouter.endpoint("b"));
    private final Lease first = router.acquire(REQUEST);
    private final String id = first.endpoint().id();

    /** An endpoint that is ejected while a request is on it. */
    public ReturnAgainstFailure() {
      router.eject(id, LONG);
    }

    /** Fails. */
    @Actor
    public void fail() {
      first.complete(io.inferencerouter.Outcome.serverFault());
    }

    /** Brings it back. */
    @Actor
    public void reinstate() {
      router.reinstate(id);
    }

    /** Routes until nothing is free. */
    @Arbiter
    public void left(III_Result result) {
      result.r1 = ejected(router);
      Set<String> open = new TreeSet<>();
      try {
        Lease one = router.acquire(REQUEST);
        open.add(one.endpoint().id());
        try (Lease other = router.acquire(REQUEST)) {
          open.add(other.endpoint().id());
        } finally {
          one.close();
        }
      } catch (InferenceRouterException nothingFree) {
        result.r2 = 0;
      }
      result.r2 = asInt(open.size() == 2 - result.r1);
      result.r3 = held(router);
    }
  }

  /** A failure and a success on an endpoint that has failed once. Results: in a row, in all. */
  @JCStressTest
  @Outcome(id = "0, 2", expect = ACCEPTABLE, desc = "The success was last.")
  @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "The failure was last.")
  @State
  public static class RowOfFailures {
    private final OutstandingWork work = new OutstandingWork();

    /** An endpoint that has failed once. */
    public RowOfFailures() {
      int unused = work.failed(1);
    }

    /** Fails. */
    @Actor
    public void fail() {
      int unused = work.failed(1);
    }

    /** Succeeds. */
    @Actor
    public void succeed() {
      work.succeeded(1);
    }

    /** Counts. */
    @Arbiter
    public void counted(II_Result result) {
      result.r1 = work.failuresInARow();
      result.r2 = work.failures();
    }
  }
}
