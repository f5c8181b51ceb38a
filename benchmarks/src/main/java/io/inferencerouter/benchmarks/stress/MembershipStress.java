package io.inferencerouter.benchmarks.stress;

import static io.inferencerouter.benchmarks.stress.SmallRouter.REQUEST;
import static io.inferencerouter.benchmarks.stress.SmallRouter.asInt;
import static io.inferencerouter.benchmarks.stress.SmallRouter.held;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.Route;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Endpoints that come and go under requests that are on their way to them. */
public final class MembershipStress {
  private static final Endpoint A = SmallRouter.endpoint("a");
  private static final Endpoint B = SmallRouter.endpoint("b");

  private MembershipStress() {}

  /**
   * The set of endpoints is replaced while a request is routed. Results: 1 for the old endpoint or
   * 2 for the new one, endpoints that are left, held.
   */
  @JCStressTest
  @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "Routed before; the old one has left.")
  @Outcome(id = "2, 1, 0", expect = ACCEPTABLE, desc = "Routed after.")
  @State
  public static class UpdateAgainstAcquire {
    private final InferenceRouter router = SmallRouter.of(A);
    private final Route route = router.route("");
    private @Nullable Lease lease;

    /** Replaces the set. */
    @Actor
    public void update() {
      router.updateEndpoints(List.of(B));
    }

    /** Routes. */
    @Actor
    public void acquire(III_Result result) {
      lease = acquireOrNull(route);
      if (lease != null) {
        result.r1 = lease.endpoint().equals(A) ? 1 : 2;
      }
    }

    /** Looks at what is left. */
    @Arbiter
    public void left(III_Result result) {
      if (lease != null) {
        lease.close();
      }
      result.r2 = router.snapshot().endpoints().size();
      result.r3 = held(router);
    }
  }

  /** An endpoint leaves and comes back at once while its only request ends. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "It is there, and takes requests.")
  @State
  public static class LeaveAndReturnAgainstRelease {
    private final InferenceRouter router = SmallRouter.of(A, B);
    private final Lease first = router.acquire(REQUEST);
    private final Lease second = router.acquire(REQUEST);

    /** Takes an endpoint out and puts it back. */
    @Actor
    public void update() {
      router.updateEndpoints(List.of(A));
      router.updateEndpoints(List.of(A, B));
    }

    /** Ends the requests. */
    @Actor
    public void release() {
      first.complete(io.inferencerouter.Outcome.success());
      second.complete(io.inferencerouter.Outcome.success());
    }

    /** Fills both endpoints again. */
    @Arbiter
    public void left(II_Result result) {
      Lease one = router.acquire(REQUEST);
      Lease other = router.acquire(REQUEST);
      result.r1 = asInt(!one.endpoint().equals(other.endpoint()));
      one.close();
      other.close();
      result.r2 = held(router);
    }
  }

  /** An endpoint is drained while its last request ends. Results: drained, endpoints left. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The drain has ended.")
  @State
  public static class DrainAgainstRelease {
    private final InferenceRouter router = SmallRouter.of(A);
    private final Lease lease = router.acquire(REQUEST);
    private CompletableFuture<Void> drained = new CompletableFuture<>();

    /** Drains. */
    @Actor
    public void drain() {
      drained = router.drain("a");
    }

    /** Ends the request. */
    @Actor
    public void release() {
      lease.complete(io.inferencerouter.Outcome.success());
    }

    /** Looks at the drain. */
    @Arbiter
    public void left(II_Result result) {
      result.r1 = asInt(drained.isDone() && !drained.isCompletedExceptionally());
      result.r2 = router.snapshot().endpoints().size();
    }
  }

  /**
   * An endpoint is drained while a request is routed. Results: routed, drained, drained at last.
   */
  @JCStressTest
  @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "Drained before.")
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "Routed before; the drain waits for it.")
  @State
  public static class DrainAgainstAcquire {
    private final InferenceRouter router = SmallRouter.of(A);
    private final Route route = router.route("");
    private CompletableFuture<Void> drained = new CompletableFuture<>();
    private @Nullable Lease lease;

    /** Drains. */
    @Actor
    public void drain() {
      drained = router.drain("a");
    }

    /** Routes. */
    @Actor
    public void acquire() {
      lease = acquireOrNull(route);
    }

    /** Looks at the drain before and after the end of the request. */
    @Arbiter
    public void left(III_Result result) {
      result.r1 = asInt(lease != null);
      result.r2 = asInt(drained.isDone());
      if (lease != null) {
        lease.close();
      }
      result.r3 = asInt(drained.isDone());
    }
  }

  private static @Nullable Lease acquireOrNull(Route route) {
    try {
      return route.acquire(REQUEST);
    } catch (InferenceRouterException refused) {
      return null;
    }
  }
}
