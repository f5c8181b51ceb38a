package io.inferencerouter.benchmarks.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.inferencerouter.core.internal.state.OutstandingWork;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.D_Result;

/** The error level of an endpoint. */
public final class ErrorLevelStress {
  private static final long NOW = 1_000_000_000;

  private ErrorLevelStress() {}

  /** Two requests fail. */
  @JCStressTest
  @Outcome(id = "2.0", expect = ACCEPTABLE, desc = "Both failures count.")
  @State
  public static class FailureAgainstFailure {
    private final OutstandingWork work = new OutstandingWork();

    /** Fails. */
    @Actor
    public void first() {
      work.failed(NOW);
    }

    /** Fails too. */
    @Actor
    public void second() {
      work.failed(NOW);
    }

    /** Looks at the level. */
    @Arbiter
    public void level(D_Result result) {
      result.r1 = work.errorLevel(NOW);
    }
  }

  /** One request fails while another succeeds on an endpoint that has failed once. */
  @JCStressTest
  @Outcome(id = "1.0", expect = ACCEPTABLE, desc = "Up by one, then halved.")
  @Outcome(id = "1.5", expect = ACCEPTABLE, desc = "Halved, then up by one.")
  @State
  public static class FailureAgainstSuccess {
    private final OutstandingWork work = new OutstandingWork();

    /** An endpoint that has failed once. */
    public FailureAgainstSuccess() {
      work.failed(NOW);
    }

    /** Fails. */
    @Actor
    public void fail() {
      work.failed(NOW);
    }

    /** Succeeds. */
    @Actor
    public void succeed() {
      work.succeeded(NOW);
    }

    /** Looks at the level. */
    @Arbiter
    public void level(D_Result result) {
      result.r1 = work.errorLevel(NOW);
    }
  }
}
