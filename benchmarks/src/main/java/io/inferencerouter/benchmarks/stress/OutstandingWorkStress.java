package io.inferencerouter.benchmarks.stress;

import static io.inferencerouter.benchmarks.stress.SmallRouter.asInt;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.inferencerouter.core.internal.state.OutstandingWork;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/** The words of one endpoint. */
public final class OutstandingWorkStress {
  private static final long NOW = 1_000_000_000;
  private static final int INPUT = 300;
  private static final int OUTPUT = 50_000;
  private static final int CONTEXT = 7;

  private OutstandingWorkStress() {}

  /** Two requests want the one slot there is. */
  @JCStressTest
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "The first has it.")
  @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "The second has it.")
  @State
  public static class EnterAgainstEnter {
    private final OutstandingWork work = new OutstandingWork();

    /** Wants the slot. */
    @Actor
    public void first(III_Result result) {
      result.r1 = asInt(work.enter(1, INPUT, OUTPUT, CONTEXT, NOW));
    }

    /** Wants it too. */
    @Actor
    public void second(III_Result result) {
      result.r2 = asInt(work.enter(1, INPUT, OUTPUT, CONTEXT, NOW));
    }

    /** Counts. */
    @Arbiter
    public void count(III_Result result) {
      result.r3 = OutstandingWork.inFlight(work.admissionWord());
    }
  }

  /** Two requests come and go, one of them by way of its first output. */
  @JCStressTest
  @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "Everything was returned.")
  @State
  public static class EnterAndLeaveAgainstEnterAndLeave {
    private final OutstandingWork work = new OutstandingWork();

    /** Comes and goes. */
    @Actor
    public void withoutOutput() {
      if (work.enter(2, INPUT, OUTPUT, CONTEXT, NOW)) {
        work.leaveBeforeOutput(INPUT, OUTPUT, CONTEXT, NOW, NOW);
      }
    }

    /** Comes, puts out, goes. */
    @Actor
    public void withOutput() {
      if (work.enter(2, 2 * INPUT, 2 * OUTPUT, CONTEXT, NOW)) {
        work.startDecoding();
        work.returnInput(2 * INPUT, NOW, NOW);
        work.returnOutput(OUTPUT);
        work.leaveAfterOutput(OUTPUT, CONTEXT);
      }
    }

    /** Looks at all words. */
    @Arbiter
    public void words(JJJ_Result result) {
      result.r1 = work.admissionWord();
      result.r2 = work.generationWord();
      result.r3 = work.decoding();
    }
  }

  /**
   * The endpoint is closed while a request comes and goes. Results: idle, entered, drained, late.
   */
  @JCStressTest
  @Outcome(id = "1, 0, 0, 0", expect = ACCEPTABLE, desc = "Closed before.")
  @Outcome(id = "1, 1, 0, 0", expect = ACCEPTABLE, desc = "Closed after.")
  @Outcome(id = "0, 1, 1, 0", expect = ACCEPTABLE, desc = "Closed in between.")
  @State
  public static class CloseAgainstEnterAndLeave {
    private final OutstandingWork work = new OutstandingWork();

    /** Closes. */
    @Actor
    public void close(IIII_Result result) {
      result.r1 = asInt(work.close());
    }

    /** Comes and goes. */
    @Actor
    public void enterAndLeave(IIII_Result result) {
      if (work.enter(1, INPUT, OUTPUT, CONTEXT, NOW)) {
        result.r2 = 1;
        result.r3 = asInt(work.leaveBeforeOutput(INPUT, OUTPUT, CONTEXT, NOW, NOW));
      }
    }

    /** Comes too late. */
    @Arbiter
    public void enterLate(IIII_Result result) {
      result.r4 = asInt(work.enter(1, INPUT, OUTPUT, CONTEXT, NOW));
    }
  }
}
