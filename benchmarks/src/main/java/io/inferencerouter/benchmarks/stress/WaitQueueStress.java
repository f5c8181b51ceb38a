package io.inferencerouter.benchmarks.stress;

import static io.inferencerouter.benchmarks.stress.SmallRouter.REQUEST;
import static io.inferencerouter.benchmarks.stress.SmallRouter.asInt;
import static io.inferencerouter.benchmarks.stress.SmallRouter.granted;
import static io.inferencerouter.benchmarks.stress.SmallRouter.held;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;

/** One slot, one request on it, and others that wait for it. */
public final class WaitQueueStress {
  private WaitQueueStress() {}

  /** A router whose only slot is taken. */
  abstract static class Full {
    final InferenceRouter router = SmallRouter.of(SmallRouter.endpoint("a"));
    final Lease holder = router.acquire(REQUEST);

    final void release() {
      holder.complete(io.inferencerouter.Outcome.success());
    }

    static int closeIfGranted(CompletableFuture<Lease> future) {
      Lease lease = granted(future);
      if (lease == null) {
        return 0;
      }
      lease.close();
      return 1;
    }
  }

  /** The slot comes free while a request begins to wait. Results: granted, held, queued. */
  @JCStressTest
  @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "The wake-up was not lost.")
  @State
  public static class AcquireAsyncAgainstRelease extends Full {
    private CompletableFuture<Lease> waiting = new CompletableFuture<>();

    /** Begins to wait. */
    @Actor
    public void acquire() {
      waiting = router.acquireAsync(REQUEST);
    }

    /** Frees the slot. */
    @Actor
    public void free() {
      release();
    }

    /** Looks at who has it. */
    @Arbiter
    public void left(III_Result result) {
      result.r1 = closeIfGranted(waiting);
      result.r2 = held(router);
      result.r3 = router.snapshot().queued();
    }
  }

  /**
   * The slot comes free while the one who waits gives up. Results: cancelled, granted, held,
   * queued.
   */
  @JCStressTest
  @Outcome(id = "1, 0, 0, 0", expect = ACCEPTABLE, desc = "Cancelled; the slot is free.")
  @Outcome(id = "0, 1, 0, 0", expect = ACCEPTABLE, desc = "Granted before.")
  @State
  public static class CancelAgainstRelease extends Full {
    private final CompletableFuture<Lease> waiting = router.acquireAsync(REQUEST);

    /** Gives up. */
    @Actor
    public void cancel(IIII_Result result) {
      result.r1 = asInt(waiting.cancel(false));
    }

    /** Frees the slot. */
    @Actor
    public void free() {
      release();
    }

    /** Looks at who has it. */
    @Arbiter
    public void left(IIII_Result result) {
      result.r2 = closeIfGranted(waiting);
      result.r3 = held(router);
      result.r4 = router.snapshot().queued();
    }
  }

  /** One who waits gives up while another begins to wait; then the slot comes free. */
  @JCStressTest
  @Outcome(id = "1, 1, 0, 0", expect = ACCEPTABLE, desc = "The one who stayed has it.")
  @State
  public static class CancelAgainstAcquireAsync extends Full {
    private final CompletableFuture<Lease> first = router.acquireAsync(REQUEST);
    private CompletableFuture<Lease> second = new CompletableFuture<>();

    /** Gives up. */
    @Actor
    public void cancel(IIII_Result result) {
      result.r1 = asInt(first.cancel(false));
    }

    /** Begins to wait. */
    @Actor
    public void acquire() {
      second = router.acquireAsync(REQUEST);
    }

    /** Frees the slot, and looks at who has it. */
    @Arbiter
    public void left(IIII_Result result) {
      release();
      result.r2 = closeIfGranted(second);
      result.r3 = held(router);
      result.r4 = router.snapshot().queued();
    }
  }

  /** The router is closed while a request begins to wait. Results: refused, held, queued. */
  @JCStressTest
  @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "Nobody waits for ever.")
  @State
  public static class AcquireAsyncAgainstClose extends Full {
    private CompletableFuture<Lease> waiting = new CompletableFuture<>();

    /** Begins to wait. */
    @Actor
    public void acquire() {
      waiting = router.acquireAsync(REQUEST);
    }

    /** Closes the router. */
    @Actor
    public void close() {
      router.close();
    }

    /** Looks at what became of it. */
    @Arbiter
    public void left(III_Result result) {
      result.r1 = asInt(waiting.isCompletedExceptionally());
      release();
      result.r2 = held(router);
      result.r3 = router.snapshot().queued();
    }
  }
}
