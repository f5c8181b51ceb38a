package io.inferencerouter.benchmarks.simulation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BatchingServerTest {
  private final EventLoop loop = new EventLoop();
  private final ModelledServer server = server(256);

  private ModelledServer server(int maxConcurrency) {
    return Servers.create(
        Endpoints.of(Endpoints.H100, maxConcurrency),
        Workload.Kind.GENERATION,
        loop,
        new SplittableRandom(7));
  }

  private Answer submit(int input, int output, long... blocks) {
    return Answer.to(Endpoints.request(loop.nanos(), input, output, "", blocks), server, loop);
  }

  private static double prefill(double tokens, double cached) {
    return 5.92 + 0.0146 * tokens + 9.42e-7 * (tokens * tokens + 2 * tokens * cached);
  }

  @Test
  void aPromptReadInPiecesTakesWhatItTakesAlone() {
    Answer answer = submit(30_000, 1);
    Answer.run(loop);
    assertThat(answer.firstNanos / 1e6).isCloseTo(prefill(30_000, 0), within(1e-5));
    assertThat(answer.endNanos).isEqualTo(answer.firstNanos);
  }

  @Test
  void whatWasAnsweredBeforeIsReadFromTheCache() {
    submit(2_000, 10, 1, 2, 3, 4);
    Answer.run(loop);
    long start = loop.nanos();
    Answer second = submit(2_100, 1, 1, 2, 3, 5, 6);
    Answer.run(loop);
    assertThat(second.cachedTokens).isEqualTo(3 * 512);
    assertThat((second.endNanos - start) / 1e6)
        .isCloseTo(prefill(2_100 - 3 * 512, 3 * 512), within(1e-5));
  }

  @Test
  void atLeastOneTokenIsRead() {
    submit(1_024, 1, 1, 2);
    Answer.run(loop);
    Answer second = submit(1_024, 1, 1, 2);
    Answer.run(loop);
    assertThat(second.cachedTokens).isEqualTo(1_023);
  }

  @Test
  void aRequestLargerThanTheMemoryIsImpossible() {
    Answer tooLarge = submit(452_000, 39);
    Answer fits = submit(452_000, 38);
    Answer.run(loop);
    assertThat(tooLarge.failure).isEqualTo(Failure.IMPOSSIBLE);
    assertThat(fits.isFinished()).isTrue();
  }

  @Test
  void aNeighboursPromptSlowsDecoding() {
    submit(10, 100);
    Answer.runUntil(loop, 200_000_000);
    double alone = server.trueFinishMillis(SimulatedRequest.text(0, 10, 50));
    submit(40_000, 1);
    Answer.runUntil(loop, loop.nanos());
    assertThat(server.trueFinishMillis(SimulatedRequest.text(0, 10, 50))).isGreaterThan(alone);
    assertThat(server.trueHarmMillis(SimulatedRequest.text(0, 10_000, 50)))
        .isGreaterThan(server.trueHarmMillis(SimulatedRequest.text(0, 100, 50)));
  }

  @Test
  void theTruthOfAnIdleEndpointIsExact() {
    SimulatedRequest request = SimulatedRequest.text(0, 9_000, 700);
    double first = server.trueFirstOutputMillis(request);
    double finish = server.trueFinishMillis(request);
    assertThat(server.trueHarmMillis(request)).isZero();
    Answer answer = Answer.to(request, server, loop);
    Answer.run(loop);
    assertThat(answer.firstNanos / 1e6).isCloseTo(first, within(1e-4));
    assertThat(answer.endNanos / 1e6).isCloseTo(finish, within(1e-4));
    assertThat(server.totals().pricedNanos()).isCloseTo(finish * 1e6, within(1e3));
    assertThat(server.totals().busyNanos() / 1e6).isCloseTo(finish, within(1e-4));
  }

  @Test
  void theTruthOfABusyEndpointIsNear() {
    SplittableRandom random = new SplittableRandom(3);
    double sumOfRatios = 0;
    int tries = 20;
    for (int i = 0; i < tries; i++) {
      for (int k = 0; k < 20; k++) {
        submit(random.nextInt(1, 4_000), random.nextInt(1, 600));
      }
      Answer.runUntil(loop, loop.nanos() + random.nextLong(2_000_000_000L));
      SimulatedRequest request = SimulatedRequest.text(loop.nanos(), 2_000, 200);
      double expected = server.trueFinishMillis(request);
      long start = loop.nanos();
      Answer answer = Answer.to(request, server, loop);
      Answer.run(loop);
      sumOfRatios += expected / ((answer.endNanos - start) / 1e6);
    }
    assertThat(sumOfRatios / tries).isBetween(0.8, 1.25);
  }

  @Test
  void aRequestThatIsGivenUpLeavesItsPlace() {
    ModelledServer narrow = server(1);
    Answer first = Answer.to(SimulatedRequest.text(0, 100, 10_000), narrow, loop);
    Answer second = Answer.to(SimulatedRequest.text(1, 100, 10), narrow, loop);
    Answer third = Answer.to(SimulatedRequest.text(2, 100, 10), narrow, loop);
    loop.at(1_000_000_000, () -> narrow.cancel(second));
    loop.at(2_000_000_000, () -> narrow.cancel(first));
    loop.at(2_000_000_001, () -> narrow.cancel(first));
    Answer.run(loop);
    assertThat(first.ends).isZero();
    assertThat(second.ends).isZero();
    assertThat(third.isFinished()).isTrue();
    assertThat(third.endNanos).isBetween(2_000_000_000L, 2_200_000_000L);
    assertThat(narrow.totals().wastedNanos()).isCloseTo(2e9, within(2e7));
  }

  @Test
  void aPromptThatIsGivenUpWhileItIsReadLetsOthersGo() {
    Answer large = submit(400_000, 10);
    Answer small = submit(100, 2);
    loop.at(50_000_000, () -> server.cancel(large));
    Answer.run(loop);
    assertThat(large.ends).isZero();
    assertThat(small.isFinished()).isTrue();
    assertThat(small.endNanos).isLessThan(200_000_000L);
    assertThat(server.metrics().running()).isZero();
  }

  @Test
  void theReportTellsWhatRuns() {
    Answer small = submit(100, 2);
    submit(10_000, 1_000);
    Answer.run(loop);
    assertThat(small.report.namedMetrics()).containsEntry("num_requests_running", 1.0);
    assertThat(small.report.memoryUtilization().getAsDouble())
        .isCloseTo(10_000 / 452_037.0, within(1e-4));
  }

  @Test
  void theSameSeedGivesTheSameTimes() {
    assertThat(noisyTimes(5)).isEqualTo(noisyTimes(5)).isNotEqualTo(noisyTimes(6));
  }

  private static List<Long> noisyTimes(long seed) {
    EventLoop loop = new EventLoop();
    ModelledServer server =
        Servers.create(
            Endpoints.of(Endpoints.H100),
            Workload.Kind.GENERATION,
            loop,
            new SplittableRandom(seed));
    server.noise(0.5);
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(Answer.to(SimulatedRequest.text(i * 40_000_000L, 500 + i, 10 + i), server, loop));
    }
    Answer.run(loop);
    assertThat(answers).allMatch(Answer::isFinished);
    return answers.stream().map(answer -> answer.endNanos).toList();
  }

  @Test
  void aRequestCostsFewEvents() {
    SplittableRandom random = new SplittableRandom(1);
    int count = 100_000;
    long[] arrival = {0};
    for (int i = 0; i < count; i++) {
      arrival[0] += random.nextLong(220_000_000);
      Answer.to(
          SimulatedRequest.text(arrival[0], random.nextInt(1, 2_300), random.nextInt(1, 420)),
          server,
          loop);
    }
    Answer.run(loop);
    assertThat(server.totals().finished()).isEqualTo(count);
    assertThat((double) loop.executed() / count).as("events for each request").isLessThan(20);
  }
}
