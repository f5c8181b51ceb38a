package io.inferencerouter.benchmarks.stress;

import static io.inferencerouter.benchmarks.stress.SmallRouter.asInt;
import static io.inferencerouter.benchmarks.stress.SmallRouter.granted;
import static io.inferencerouter.benchmarks.stress.SmallRouter.held;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.core.internal.state.ReservedMemory;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIJ_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.IJ_Result;

/** The memory of one endpoint. */
public final class ReservedMemoryStress {
  private static final long BUDGET = 1000;
  private static final long SMALL = 400;
  private static final long LARGE = 700;

  private ReservedMemoryStress() {}

  /** A budget of memory that requests want to have parts of. */
  abstract static class Budget {
    final ReservedMemory memory = new ReservedMemory();

    /** Whether a request has got its memory, as a number. */
    final int reserve(long tokens) {
      return asInt(memory.reserve(tokens, BUDGET));
    }
  }

  /** Two requests want memory that suffices for one of them. Results: has it, reserved. */
  @JCStressTest
  @Outcome(id = "1, 0, 700", expect = ACCEPTABLE, desc = "The large one has it.")
  @Outcome(id = "0, 1, 400", expect = ACCEPTABLE, desc = "The small one has it.")
  @State
  public static class ReserveAgainstReserve extends Budget {
    /** Wants most of it. */
    @Actor
    public void large(IIJ_Result result) {
      result.r1 = reserve(LARGE);
    }

    /** Wants less, and too much beside the other. */
    @Actor
    public void small(IIJ_Result result) {
      result.r2 = reserve(SMALL);
    }

    /** Looks at the sum. */
    @Arbiter
    public void sum(IIJ_Result result) {
      result.r3 = memory.reserved();
    }
  }

  /** Two requests that are larger than the budget want to be alone. */
  @JCStressTest
  @Outcome(id = "1, 0, 2000", expect = ACCEPTABLE, desc = "The first is alone.")
  @Outcome(id = "0, 1, 2000", expect = ACCEPTABLE, desc = "The second is alone.")
  @State
  public static class OversizedAgainstOversized extends Budget {
    /** Wants more than there is. */
    @Actor
    public void first(IIJ_Result result) {
      result.r1 = reserve(2 * BUDGET);
    }

    /** Wants it, too. */
    @Actor
    public void second(IIJ_Result result) {
      result.r2 = reserve(2 * BUDGET);
    }

    /** Looks at the sum. */
    @Arbiter
    public void sum(IIJ_Result result) {
      result.r3 = memory.reserved();
    }
  }

  /** Memory is returned while another request wants it. Results: has it, reserved. */
  @JCStressTest
  @Outcome(id = "1, 400", expect = ACCEPTABLE, desc = "Returned before.")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Returned after.")
  @State
  public static class ReserveAgainstRelease extends Budget {
    /** Most of it is taken. */
    public ReserveAgainstRelease() {
      reserve(LARGE);
    }

    /** Wants a part. */
    @Actor
    public void part(IJ_Result result) {
      result.r1 = reserve(SMALL);
    }

    /** Returns it. */
    @Actor
    public void release() {
      memory.release(LARGE);
    }

    /** Looks at the sum. */
    @Arbiter
    public void sum(IJ_Result result) {
      result.r2 = memory.reserved();
    }
  }

  /**
   * One waits for all of the memory, while others come and go and may lose the race for a slot with
   * memory in their hands. Results: granted, held.
   */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The wake-up was not lost.")
  @State
  public static class WaiterAgainstComingAndGoing {
    private static final InferenceRequest PART = tokens(100);
    private static final InferenceRequest ALL = tokens(BUDGET);

    private final InferenceRouter router =
        SmallRouter.of(
            Endpoint.builder("a", "http://a.example")
                .maxConcurrency(2)
                .memoryBudget(BUDGET)
                .build());
    private final Lease holder = router.acquire(PART);
    private final CompletableFuture<Lease> waiting = router.acquireAsync(ALL);

    private static InferenceRequest tokens(long count) {
      return InferenceRequest.forAnyModel().input(InputUnit.TOKENS, count).outputLimit(0).build();
    }

    /** Whether there was room. */
    private boolean comeAndGo() {
      try {
        router.acquire(PART).close();
        return true;
      } catch (InferenceRouterException full) {
        return false;
      }
    }

    /** Comes and goes. */
    @Actor
    public void visit() {
      comeAndGo();
    }

    /** Comes and goes as well, and the memory is returned. */
    @Actor
    public void free() {
      comeAndGo();
      holder.close();
    }

    /** Looks at who has it. */
    @Arbiter
    public void left(II_Result result) {
      Lease lease = granted(waiting);
      if (lease != null) {
        result.r1 = 1;
        lease.close();
      }
      result.r2 = held(router);
    }
  }
}
