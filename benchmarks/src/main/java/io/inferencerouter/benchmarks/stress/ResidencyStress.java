package io.inferencerouter.benchmarks.stress;

import static io.inferencerouter.benchmarks.stress.SmallRouter.held;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.ServedModel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** A model that has to be loaded, and requests for it. */
public final class ResidencyStress {
  private static final InferenceRequest REQUEST =
      InferenceRequest.forModel("m").input(InputUnit.TOKENS, 1000).outputLimit(0).build();

  private ResidencyStress() {}

  /** An endpoint that reads a request in a second and loads the model in ten. */
  abstract static class Absent {
    final InferenceRouter router =
        SmallRouter.of(
            Endpoint.builder("a", "http://a.example")
                .maxConcurrency(4)
                .profile(HardwareProfile.builder(1000, 50).build())
                .model(ServedModel.builder("m").loadTime(Duration.ofSeconds(10)).build())
                .build());

    /** How many of the requests in flight have reserved the time of a load. */
    final int loaders() {
      return (int) (router.snapshot().endpoints().get(0).reservedInput().toSeconds() / 10);
    }

    final void closeAll(@Nullable Lease... leases) {
      for (Lease lease : leases) {
        if (lease != null) {
          lease.close();
        }
      }
    }
  }

  /**
   * Two requests find the model absent. Results: loaders; loaders of the next after both have
   * failed; held.
   */
  @JCStressTest
  @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "One loads, and the next does in its place.")
  @State
  public static class LoaderAgainstLoader extends Absent {
    private @Nullable Lease first;
    private @Nullable Lease second;

    /** Asks for the model. */
    @Actor
    public void first() {
      first = router.acquire(REQUEST);
    }

    /** Asks for it, too. */
    @Actor
    public void second() {
      second = router.acquire(REQUEST);
    }

    /** Counts the loads. */
    @Arbiter
    public void count(III_Result result) {
      result.r1 = loaders();
      closeAll(first, second);
      Lease next = router.acquire(REQUEST);
      result.r2 = loaders();
      next.close();
      result.r3 = held(router);
    }
  }

  /**
   * The loader fails while another request comes. Results: loaders that are left; loaders of the
   * next after all have failed.
   */
  @JCStressTest
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "It came before, and has not loaded.")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "It came after, and loads.")
  @State
  public static class FailureAgainstFollower extends Absent {
    private final Lease loader = router.acquire(REQUEST);
    private @Nullable Lease follower;

    /** Fails. */
    @Actor
    public void fail() {
      loader.complete(io.inferencerouter.Outcome.serverFault());
    }

    /** Asks for the model. */
    @Actor
    public void follow() {
      follower = router.acquire(REQUEST);
    }

    /** Counts the loads. */
    @Arbiter
    public void count(II_Result result) {
      result.r1 = loaders();
      closeAll(follower);
      Lease next = router.acquire(REQUEST);
      result.r2 = loaders();
      next.close();
    }
  }

  /**
   * The loader succeeds while another request comes. Results: loaders that are left, of the next.
   */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "It was loaded once.")
  @State
  public static class SuccessAgainstFollower extends Absent {
    private final Lease loader = router.acquire(REQUEST);
    private @Nullable Lease follower;

    /** Has loaded the model. */
    @Actor
    public void succeed() {
      loader.complete(io.inferencerouter.Outcome.success());
    }

    /** Asks for the model. */
    @Actor
    public void follow() {
      follower = router.acquire(REQUEST);
    }

    /** Counts the loads. */
    @Arbiter
    public void count(II_Result result) {
      result.r1 = loaders();
      closeAll(follower);
      Lease next = router.acquire(REQUEST);
      result.r2 = loaders();
      next.close();
    }
  }
}
