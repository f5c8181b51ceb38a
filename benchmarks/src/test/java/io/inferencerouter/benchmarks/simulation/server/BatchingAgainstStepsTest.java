package io.inferencerouter.benchmarks.simulation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class BatchingAgainstStepsTest {
  private static final double RELATIVE = 1e-6;
  private static final long SIZES = 1_000_000_000L;

  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void closedFormsAgreeWithSteps(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 60) int count,
      @ForAll @IntRange(min = 1, max = 40) int maxConcurrency,
      @ForAll @IntRange(min = 700, max = 20_000) int memory,
      @ForAll @IntRange(min = 1, max = 200) int gapMillis,
      @ForAll @IntRange(min = 0, max = 3) int sharing) {
    compare(requests(seed, count, memory, gapMillis, sharing), memory, maxConcurrency);
  }

  @Test
  void manyRequestsInLittleMemoryArePreemptedAsInSteps() {
    int preempted = 0;
    for (long seed = 1; seed <= 20; seed++) {
      preempted += compare(requests(seed, 80, 6_000, 20, 2), 6_000, 40);
    }
    assertThat(preempted).isGreaterThan(50);
  }

  /** Requests that fit, with blocks out of few prefixes if any are shared. */
  private static List<SimulatedRequest> requests(
      long seed, int count, int memory, int gapMillis, int sharing) {
    SplittableRandom random = new SplittableRandom(seed);
    List<SimulatedRequest> requests = new ArrayList<>();
    long nanos = 0;
    for (int i = 0; i < count; i++) {
      nanos += random.nextLong(1, 2_000_000L * gapMillis);
      int input = 1 + random.nextInt(Math.min(memory / 2, random.nextBoolean() ? 500 : 9_000));
      input = random.nextBoolean() && input > 256 ? input / 256 * 256 : input;
      int output = 1 + random.nextInt(Math.min(memory / 3, random.nextBoolean() ? 10 : 300));
      long[] ids = new long[sharing == 0 ? 0 : (input + 511) / 512];
      long prefix = random.nextInt(1 + 2 * sharing);
      for (int k = 0; k < ids.length; k++) {
        // Some leave the common prefix at some point
        prefix = random.nextInt(6) == 0 ? 1_000L * (i + 1) : prefix;
        // A block of another size is another block
        ids[k] = 1_000_000 * (k + 1L) + prefix + (k + 1 == ids.length ? input % 512 * SIZES : 0);
      }
      requests.add(Endpoints.request(nanos, input, output, "", ids));
    }
    return requests;
  }

  private static int compare(List<SimulatedRequest> requests, int memory, int maxConcurrency) {
    GpuModel gpu = Endpoints.withMemory(Endpoints.A100, memory);
    List<StepByStepEngine.Run> expected = requests.stream().map(StepByStepEngine.Run::new).toList();
    StepByStepEngine engine =
        new StepByStepEngine(gpu, maxConcurrency, BatchingServer.PREFILL_TOKENS_PER_STEP, expected);
    engine.run(5_000_000);

    EventLoop loop = new EventLoop();
    ModelledServer server =
        Servers.create(
            Endpoints.of(gpu, maxConcurrency),
            Workload.Kind.GENERATION,
            loop,
            new SplittableRandom(1));
    List<Answer> answers =
        requests.stream().map(request -> Answer.to(request, server, loop)).toList();
    Answer.run(loop);

    for (int i = 0; i < answers.size(); i++) {
      StepByStepEngine.Run run = expected.get(i);
      Answer answer = answers.get(i);
      int output = requests.get(i).outputTokens();
      assertThat(answer.isFinished()).isTrue();
      assertNear("first token of " + i, answer.firstNanos, run.firstMillis);
      assertNear("end of " + i, answer.endNanos, run.endMillis);
      assertThat(answer.cachedTokens).as("cached tokens of %s", i).isEqualTo(run.cached);
      assertThat(answer.progressed).isEqualTo((output - 1) / 64 * 64);
    }
    assertThat(server.totals().preemptions()).isEqualTo(engine.preemptions);
    assertThat(server.metrics().running()).isZero();
    assertThat(server.metrics().waiting()).isZero();
    assertThat(server.metrics().waitingTokens()).isZero();
    assertThat(server.metrics().kvUsage()).isZero();
    return engine.preemptions;
  }

  private static void assertNear(String what, long nanos, double millis) {
    assertThat(nanos / 1e6).as(what).isCloseTo(millis, within(RELATIVE * millis));
  }
}
