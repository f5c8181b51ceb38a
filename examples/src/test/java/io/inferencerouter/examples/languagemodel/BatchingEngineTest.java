package io.inferencerouter.examples.languagemodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.examples.loopback.Served;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchingEngineTest {
  private static final Pace FAST = Pace.of(1, 1);
  private static final Pace STEADY = Pace.of(1_000_000, 3_000_000);

  /** So slow that nothing happens within a test that does not have to wait for it. */
  private static final Pace STANDING_STILL = Pace.of(1e-3, 3600e9);

  private final TinyKjv model = LoadedKjv.get();
  private final List<BatchingEngine> engines = new ArrayList<>();

  @AfterEach
  void close() {
    engines.forEach(BatchingEngine::close);
  }

  @Test
  void theAnswerIsThatOfTheModelWhateverElseIsServed() throws Exception {
    BatchingEngine engine = engine(FAST, 3);
    List<Generation> generations = new ArrayList<>();
    for (int seed = 0; seed < 9; seed++) {
      generations.add(engine.submit(prompt(20, seed)));
    }

    for (int seed = 0; seed < 9; seed++) {
      assertThat(text(generations.get(seed))).isEqualTo(direct(prompt(20, seed)));
    }
    assertThat(engine.load().generatedTokens()).isEqualTo(9 * 20);
    assertThat(engine.load().promptTokens()).isEqualTo(9L * prompt(20, 0).tokens().length);
  }

  @Test
  void noMoreAreServedAtATimeThanThereAreSlotsAndTheFirstComesFirst() throws Exception {
    BatchingEngine engine = engine(FAST, 2);
    List<Generation> generations = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      generations.add(engine.submit(prompt(5, i)));
    }
    for (Generation generation : generations) {
      text(generation);
    }

    List<Served> served = engine.takeServed();
    assertThat(served).hasSize(8).isSortedAccordingTo(Comparator.comparingLong(Served::startNanos));
    for (Served one : served) {
      assertThat(served.stream().filter(other -> runs(other, one.startNanos())).count())
          .isLessThanOrEqualTo(2);
    }
    assertThat(engine.takeServed()).isEmpty();
  }

  @Test
  void everyStepTakesAtLeastItsStatedTime() throws Exception {
    BatchingEngine engine = engine(STEADY, 1);
    Prompt prompt = prompt(6, 1);

    text(engine.submit(prompt));

    Served served = engine.takeServed().get(0);
    long stated = STEADY.promptNanos(prompt.tokens().length) + 5 * STEADY.stepNanos(1);
    assertThat(served.endNanos() - served.startNanos()).isGreaterThanOrEqualTo(stated);
    assertThat(served.statedNanos() + served.overrunNanos())
        .isEqualTo(served.endNanos() - served.startNanos());
    assertThat(served.overrunNanos()).isNotNegative();
  }

  @Test
  void neighboursMakeAStepLonger() {
    Pace pace = new Pace(100, 1000, 0.05);

    assertThat(pace.promptNanos(7)).isEqualTo(700);
    assertThat(pace.stepNanos(1)).isEqualTo(1000);
    assertThat(pace.stepNanos(5)).isEqualTo(1200);
    assertThat(pace.profile().inputRate()).isEqualTo(1e7);
    assertThat(pace.profile().outputRate()).isEqualTo(1e6);
    assertThat(pace.profile().concurrencyPenalty()).isEqualTo(0.05);
    assertThatThrownBy(() -> Pace.of(0, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theLoadTellsWhoRunsAndWhoWaits() throws Exception {
    BatchingEngine engine = engine(STANDING_STILL, 2);
    engine.submit(prompt(5, 0)).next(); // then its first step begins
    Generation waiting = engine.submit(prompt(5, 1));

    EngineLoad load = engine.load();
    assertThat(load.running()).isEqualTo(1);
    assertThat(load.waiting()).isEqualTo(1);
    assertThat(load.cacheUsage()).isEqualTo(prompt(5, 0).tokens().length / (2.0 * TinyKjv.CONTEXT));
    assertThat(load.generatedTokens()).isEqualTo(1);

    waiting.close();
    assertThat(engine.load().waiting()).isZero();
  }

  @Test
  void aCancelledRequestFreesItsSlot() throws Exception {
    BatchingEngine engine = engine(STEADY, 1);
    Generation first = engine.submit(prompt(900, 0));
    first.next();
    Generation second = engine.submit(prompt(3, 1));

    first.close();

    assertThat(text(second)).isEqualTo(direct(prompt(3, 1)));
    assertThat(engine.takeServed()).hasSize(2);
    assertThat(engine.load().generatedTokens()).isLessThan(900);
  }

  @Test
  void closingFailsWhatIsNotFinished() throws Exception {
    BatchingEngine engine = engine(STANDING_STILL, 1);
    Generation running = engine.submit(prompt(5, 0));
    Generation waiting = engine.submit(prompt(5, 1));
    running.next();

    engine.close();

    assertThatThrownBy(running::next).isInstanceOf(IOException.class).hasMessage("engine: closed");
    assertThatThrownBy(waiting::next).isInstanceOf(IOException.class).hasMessage("engine: closed");
    assertThatThrownBy(() -> engine.submit(prompt(5, 2))).hasMessage("engine: closed");
  }

  @Test
  void anEngineWithoutSlotsIsRefused() {
    assertThatThrownBy(() -> BatchingEngine.start("engine", model, FAST, 0))
        .hasMessage("slots: 0 (expected: at least 1)");
  }

  private BatchingEngine engine(Pace pace, int slots) {
    BatchingEngine engine = BatchingEngine.start("test", model, pace, slots);
    engines.add(engine);
    return engine;
  }

  private Prompt prompt(int maxTokens, long seed) {
    return new Prompt(model.encode("And it came to pass"), maxTokens, 0.7, seed, List.of());
  }

  private String direct(Prompt prompt) throws Exception {
    StringBuilder text = new StringBuilder();
    try (Continuation continuation = Continuation.of(model, prompt)) {
      for (int i = 0; i < prompt.maxTokens() && !continuation.isFinished(); i++) {
        text.append(continuation.next());
      }
    }
    return text.toString();
  }

  private static String text(Generation generation) throws Exception {
    StringBuilder text = new StringBuilder();
    boolean last = false;
    for (int i = 0; i < TinyKjv.CONTEXT && !last; i++) {
      Generation.Token token = generation.next();
      text.append(token.text());
      assertThat(token.number()).isEqualTo(i + 1);
      last = token.isLast();
    }
    assertThat(last).isTrue();
    return text.toString();
  }

  private static boolean runs(Served served, long instant) {
    return served.startNanos() - instant <= 0 && served.endNanos() - instant > 0;
  }
}
