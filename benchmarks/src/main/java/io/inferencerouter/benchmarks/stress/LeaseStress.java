package io.inferencerouter.benchmarks.stress;

import static io.inferencerouter.benchmarks.stress.SmallRouter.REQUEST;
import static io.inferencerouter.benchmarks.stress.SmallRouter.asInt;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** One lease, reported on by two threads; it returns exactly what it holds. */
public final class LeaseStress {
  private static final int OUTPUT = 200;

  private LeaseStress() {}

  /** A lease on the only slot of a router. */
  abstract static class Leased {
    final InferenceRouter router = SmallRouter.of(SmallRouter.endpoint("a"));
    final Lease lease = router.acquire(REQUEST);

    final int complete() {
      return asInt(lease.complete(io.inferencerouter.Outcome.success()));
    }

    final int held() {
      return SmallRouter.held(router);
    }
  }

  /** A success and a failure both end it. */
  @JCStressTest
  @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "The success counts.")
  @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "The failure counts.")
  @State
  public static class CompleteAgainstComplete extends Leased {
    /** Ends it. */
    @Actor
    public void succeed(III_Result result) {
      result.r1 = complete();
    }

    /** Ends it as well. */
    @Actor
    public void fail(III_Result result) {
      result.r2 = asInt(lease.complete(io.inferencerouter.Outcome.serverFault()));
    }

    /** Looks at what is left. */
    @Arbiter
    public void left(III_Result result) {
      result.r3 = held();
    }
  }

  /** The first output arrives while it is ended. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Everything was returned.")
  @State
  public static class FirstTokenAgainstComplete extends Leased {
    /** Reports output. */
    @Actor
    public void firstToken() {
      lease.firstToken();
    }

    /** Ends it. */
    @Actor
    public void succeed(II_Result result) {
      result.r1 = complete();
    }

    /** Looks at what is left. */
    @Arbiter
    public void left(II_Result result) {
      result.r2 = held();
    }
  }

  /** Output arrives while it is ended. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Everything was returned.")
  @State
  public static class ProgressAgainstComplete extends Leased {
    /** Reports output: little, which is collected, and much, which is returned at once. */
    @Actor
    public void progress() {
      lease.progress(1);
      lease.progress(OUTPUT / 2);
    }

    /** Ends it. */
    @Actor
    public void succeed(II_Result result) {
      result.r1 = complete();
    }

    /** Looks at what is left. */
    @Arbiter
    public void left(II_Result result) {
      result.r2 = held();
    }
  }

  /** The first output and more of it are reported in disorder. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Everything was returned.")
  @State
  public static class FirstTokenAgainstProgress extends Leased {
    /** Reports the first output. */
    @Actor
    public void firstToken() {
      lease.firstToken();
    }

    /** Reports more output. */
    @Actor
    public void progress() {
      lease.progress(OUTPUT / 2);
    }

    /** Ends it, and looks at what is left. */
    @Arbiter
    public void left(II_Result result) {
      result.r1 = complete();
      result.r2 = held();
    }
  }

  /** Two threads report more output, together, than was expected. */
  @JCStressTest
  @Outcome(
      id = "500001, 0",
      expect = ACCEPTABLE,
      desc = "The slot was left and the eighth that is held to the end, and then nothing.")
  @State
  public static class ProgressAgainstProgress extends Leased {
    /** Reports output. */
    @Actor
    public void some() {
      lease.progress(OUTPUT / 2);
      lease.progress(1);
    }

    /** Reports the rest of it, and more. */
    @Actor
    public void rest() {
      lease.progress(OUTPUT / 2);
      lease.progress(OUTPUT / 4);
    }

    /** Looks at what is held before and after the end. */
    @Arbiter
    public void left(II_Result result) {
      result.r1 = held();
      complete();
      result.r2 = held();
    }
  }
}
