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

    /** Counts the loads of those in flight, ends them, and counts those of the next request. */
    final Loads loads(@Nullable Lease... leases) {
      int before = loaders();
      for (Lease lease : leases) {
        if (lease != null) {
          lease.close();
        }
      }
      Lease next = router.acquire(REQUEST);
      Loads loads = new Loads(before, loaders());
      next.close();
      return loads;
    }
  }

  /**
   * Loads of those in flight.
   *
   * @param before of all
   * @param next of the next request, after all have ended
   */
  record Loads(int before, int next) {}

  /** An endpoint that somebody loads the model at, and another that comes meanwhile. */
  abstract static class Followed extends Absent {
    final Lease loader = router.acquire(REQUEST);
    private @Nullable Lease follower;

    final void ask() {
      follower = router.acquire(REQUEST);
    }

    final void count(II_Result result) {
      Loads loads = loads(follower);
      result.r1 = loads.before();
      result.r2 = loads.next();
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
      Loads loads = loads(first, second);
      result.r1 = loads.before();
      result.r2 = loads.next();
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
  public static class FailureAgainstFollower extends Followed {
    /** Fails. */
    @Actor
    public void fail() {
      loader.complete(io.inferencerouter.Outcome.serverFault());
    }

    /** Asks for the model. */
    @Actor
    public void follow() {
      ask();
    }

    /** Counts the loads. */
    @Arbiter
    public void left(II_Result result) {
      count(result);
    }
  }

  /**
   * The loader succeeds while another request comes. Results: loaders that are left, of the next.
   */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "It was loaded once.")
  @State
  public static class SuccessAgainstFollower extends Followed {
    /** Has loaded the model. */
    @Actor
    public void succeed() {
      loader.complete(io.inferencerouter.Outcome.success());
    }

    /** Asks for the model. */
    @Actor
    public void follow() {
      ask();
    }

    /** Counts the loads. */
    @Arbiter
    public void left(II_Result result) {
      count(result);
    }
  }
}
