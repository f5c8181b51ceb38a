package io.inferencerouter.benchmarks.simulation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ModelMemoryTest {
  private static final long SECOND = 1_000_000_000L;

  private final EventLoop loop = new EventLoop();

  private ModelledServer server(EndpointSpec spec) {
    return Servers.create(spec, Workload.Kind.GENERATION, loop, new SplittableRandom(7));
  }

  private Answer submit(ModelledServer server, long nanos, int output, String model) {
    return Answer.to(Endpoints.request(nanos, 100, output, model, 1), server, loop);
  }

  @Test
  void loadsTakeWhatAPublicTraceSays() {
    LogNormal load = LogNormal.ofQuantiles(ModelMemory.LOAD_P50_NANOS, ModelMemory.LOAD_P99_NANOS);
    SplittableRandom random = new SplittableRandom(1);
    double[] draws = new double[20_000];
    Arrays.setAll(draws, i -> load.draw(random) / 1e9);
    Arrays.sort(draws);
    assertThat(draws[10_000]).isCloseTo(22.7, within(0.5));
    assertThat(draws[19_800]).isCloseTo(52, within(3.0));
  }

  @Test
  void othersGoOnWhileAModelIsLoaded() {
    ModelledServer server = server(Endpoints.withModels(2, "a", "b", "c"));
    Answer loading = submit(server, 0, 10, "c");
    Answer resident = submit(server, SECOND, 10, "b");
    Answer.run(loop);
    assertThat(resident.endNanos).isLessThan(2 * SECOND);
    assertThat(loading.firstNanos).isGreaterThan(5 * SECOND);
    assertThat(server.totals().modelLoads()).isEqualTo(1);
  }

  @Test
  void theModelUsedLongestAgoMakesRoomWhenItRunsNothing() {
    ModelledServer server = server(Endpoints.withModels(2, "a", "b", "c"));
    Answer running = submit(server, 0, 1_000, "a");
    submit(server, SECOND, 10, "b");
    // Only b is idle
    Answer third = submit(server, 2 * SECOND, 10, "c");
    Answer.run(loop);
    long end = loop.nanos();
    Answer stillThere = submit(server, end + SECOND, 10, "a");
    Answer gone = submit(server, end + SECOND, 10, "b");
    Answer.run(loop);
    assertThat(running.isFinished()).isTrue();
    assertThat(third.isFinished()).isTrue();
    assertThat(stillThere.endNanos - end).isLessThan(2 * SECOND);
    assertThat(gone.endNanos - end).isGreaterThan(5 * SECOND);
    assertThat(server.totals().modelLoads()).isEqualTo(2);
  }

  @Test
  void twoModelsInOnePlaceBothGetTheirTurn() {
    ModelledServer server = server(Endpoints.withModels(1, "a", "b"));
    Answer[] answers = new Answer[40];
    for (int i = 0; i < answers.length; i++) {
      answers[i] = submit(server, i * SECOND, 100, i % 2 == 0 ? "a" : "b");
    }
    Answer.run(loop);
    assertThat(answers).allMatch(Answer::isFinished);
    assertThat(server.totals().modelLoads()).isBetween(1L, 6L);
  }

  @Test
  void aModelThatComesBackHasNoPrefixes() {
    ModelledServer server = server(Endpoints.withModels(1, "a", "b"));
    submit(server, 0, 1, "a");
    Answer same = submit(server, SECOND, 1, "a");
    Answer other = submit(server, 2 * SECOND, 1, "b");
    Answer back = submit(server, 100 * SECOND, 1, "a");
    Answer.run(loop);
    assertThat(same.cachedTokens).isEqualTo(99);
    assertThat(other.cachedTokens).isZero();
    assertThat(back.cachedTokens).isZero();
    assertThat(back.isFinished()).isTrue();
  }

  @Test
  void aModelThatIsNotServedIsImpossible() {
    ModelledServer server = server(Endpoints.withModels(1, "a"));
    Answer other = submit(server, 0, 1, "b");
    Answer any = submit(server, 0, 1, "");
    Answer.run(loop);
    assertThat(other.failure).isEqualTo(Failure.IMPOSSIBLE);
    assertThat(any.isFinished()).isTrue();
  }
}
