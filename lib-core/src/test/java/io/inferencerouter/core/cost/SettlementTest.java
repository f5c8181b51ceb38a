package io.inferencerouter.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import io.inferencerouter.core.selection.Selectors;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What answers teach the estimator of text. */
class SettlementTest {
  private final CostEstimator text = CostEstimators.text();

  private static InferenceRequest chat(String model, String tenant) {
    return InferenceRequest.forModel(model).tenant(tenant).input(InputUnit.TOKENS, 100).build();
  }

  private static InferenceRequest of(String model, InputUnit unit, long size) {
    return InferenceRequest.forModel(model).input(unit, size).build();
  }

  private void answers(int count, InferenceRequest request, long input, long output) {
    for (int i = 0; i < count; i++) {
      text.settle(request, Usage.of(input, output));
    }
  }

  private double output(String model, String tenant) {
    return text.outputWork(chat(model, tenant));
  }

  @Test
  void eachModelAndTenantHasItsOwnOutput() {
    answers(100, chat("llama", "lawyers"), 100, 2_000);
    answers(100, chat("llama", "callers"), 100, 20);
    answers(100, chat("phi", "lawyers"), 100, 500);

    assertThat(output("llama", "lawyers")).isCloseTo(2_000, within(50.0));
    assertThat(output("llama", "callers")).isCloseTo(20, within(30.0));
    assertThat(output("phi", "lawyers")).isCloseTo(500, within(20.0));
    assertThat(output("other", "lawyers")).isEqualTo(250);
  }

  @Test
  void eachTaskOfATenantHasItsOwnOutput() {
    InferenceRequest chat = chat("llama", "lawyers").toBuilder().task("chat").build();
    InferenceRequest labels = chat.toBuilder().task("labels").build();
    answers(100, chat, 100, 2_000);
    answers(100, labels, 100, 10);

    assertThat(text.outputWork(chat)).isCloseTo(2_000, within(50.0));
    assertThat(text.outputWork(labels)).isCloseTo(10, within(30.0));
    assertThat(output("llama", "lawyers")).as("what has no task").isCloseTo(1_005, within(100.0));
  }

  @Test
  void aTenantThatIsNewToATaskIsTakenToBeLikeTheOthersWithThatTask() {
    InferenceRequest labels = chat("llama", "").toBuilder().task("labels").build();
    answers(100, chat("llama", "lawyers").toBuilder().task("chat").build(), 100, 2_000);
    answers(100, labels.toBuilder().tenant("lawyers").build(), 100, 10);

    assertThat(text.outputWork(labels.toBuilder().tenant("new").build()))
        .isEqualTo(text.outputWork(labels))
        .isCloseTo(10, within(50.0));
    assertThat(text.outputWork(labels.toBuilder().task("new").build()))
        .isEqualTo(output("llama", ""));
    assertThat(text.outputWork(labels.toBuilder().model("phi").build())).isEqualTo(250);
  }

  @Test
  void aTenantThatIsNotKnownYetIsTakenToBeLikeTheOthers() {
    for (int i = 0; i < 100; i++) {
      answers(1, chat("llama", "tenant " + i % 10), 100, 1_000);
    }

    assertThat(output("llama", "new")).isCloseTo(1_000, within(30.0));
    assertThat(output("llama", "")).isEqualTo(output("llama", "new"));
    answers(1, chat("llama", "new"), 100, 5_000);
    assertThat(output("llama", "new")).isBetween(1_500.0, 2_500.0);
  }

  @Test
  void aFewAnswersDoNotOverturnTheSetting() {
    answers(1, chat("llama", ""), 100, 10_000);

    assertThat(output("llama", "")).isCloseTo((3 * 250 + 10_000) / 4.0, within(1.0));
  }

  @Test
  void theLimitOfTheRequestBoundsWhatIsExpected() {
    answers(100, chat("llama", "t"), 100, 2_000);
    InferenceRequest limited = chat("llama", "t").toBuilder().outputLimit(64).build();
    InferenceRequest without = chat("llama", "t").toBuilder().outputLimit(0).build();

    assertThat(text.outputWork(limited)).isEqualTo(64);
    assertThat(text.outputWork(without)).isZero();
    answers(100, without, 100, 0);
    assertThat(output("llama", "t")).as("what has no output teaches none").isGreaterThan(1_900);
  }

  @ParameterizedTest
  @EnumSource(
      value = InputUnit.class,
      names = {"CHARACTERS", "PAGES", "BYTES"})
  void theTokensInAUnitAreLearnedForEachModel(InputUnit unit) {
    long size = unit == InputUnit.PAGES ? 4 : 4_000;
    double asSet = text.inputWork(of("llama", unit, size));
    answers(200, of("llama", unit, size), (long) (1.8 * asSet), 10);

    assertThat(text.inputWork(of("llama", unit, size)))
        .isCloseTo(1.8 * asSet, within(0.05 * asSet));
    assertThat(text.inputWork(of("llama", unit, 5 * size)))
        .isCloseTo(9 * asSet, within(0.25 * asSet));
    assertThat(text.inputWork(of("phi", unit, size))).isEqualTo(asSet);
    for (InputUnit other : List.of(InputUnit.CHARACTERS, InputUnit.PAGES, InputUnit.BYTES)) {
      if (other != unit) {
        assertThat(text.inputWork(of("llama", other, 400)))
            .isEqualTo(text.inputWork(of("phi", other, 400)));
      }
    }
  }

  @Test
  void aLongTextCountsForMoreThanAShortOne() {
    for (int i = 0; i < 200; i++) {
      answers(1, of("llama", InputUnit.CHARACTERS, 400), 200, 10);
      answers(1, of("llama", InputUnit.CHARACTERS, 39_600), 9_900, 10);
    }

    // 10 100 tokens in 40 000 characters; the mean of the two ratios would be 0.375.
    assertThat(text.inputWork(of("llama", InputUnit.CHARACTERS, 40_000)))
        .isCloseTo(10_100, within(100.0));
  }

  @Test
  void whatStatesItsTokensOrHasImagesTeachesNothingOfCharacters() {
    InferenceRequest exact = of("llama", InputUnit.CHARACTERS, 4_000);
    answers(100, exact.toBuilder().input(InputUnit.TOKENS, 9_000).build(), 9_000, 10);
    answers(100, exact.toBuilder().input(InputUnit.IMAGES, 3).build(), 9_000, 10);
    answers(100, of("llama", InputUnit.IMAGES, 3), 9_000, 10);
    answers(100, exact, 0, 10);

    assertThat(text.inputWork(exact)).isEqualTo(1_000);
  }

  @Test
  void anAbsurdReportMovesTheEstimateWithinBounds() {
    answers(1_000, of("llama", InputUnit.CHARACTERS, 4_000), InferenceRequest.MAX_SIZE, 1);

    assertThat(text.inputWork(of("llama", InputUnit.CHARACTERS, 4_000)))
        .isBetween(1_000.0, 20_000.0);
    answers(1_000, of("llama", InputUnit.CHARACTERS, 4_000), 1_000, 1);
    assertThat(text.inputWork(of("llama", InputUnit.CHARACTERS, 4_000)))
        .isCloseTo(1_000, within(250.0));
  }

  @Test
  void whatIsNotReportedTeachesNothing() {
    for (int i = 0; i < 100; i++) {
      text.settle(chat("llama", "t"), Usage.unknown());
    }

    assertThat(output("llama", "t")).isEqualTo(250);
  }

  @Test
  void whatHasChangedIsNoticed() {
    answers(1_000, chat("llama", "t"), 100, 100);
    answers(600, chat("llama", "t"), 100, 1_000);

    assertThat(output("llama", "t")).isCloseTo(1_000, within(100.0));
    assertThat(output("llama", "")).isCloseTo(1_000, within(100.0));
  }

  @Test
  void aMillionTenantsDoNotDriveOutAFrequentOne() {
    for (int i = 0; i < 1_000_000; i++) {
      answers(1, chat("llama", "tenant " + i), 100, 50);
      if (i % 100 == 0) {
        answers(1, chat("llama", "frequent"), 100, 2_000);
      }
    }

    assertThat(output("llama", "frequent")).isCloseTo(2_000, within(200.0));
    assertThat(output("llama", "new")).isCloseTo(70, within(30.0));
  }

  @Test
  void theRouterPassesOnWhatItIsTold() {
    VirtualTime time = new VirtualTime();
    InferenceRouter router =
        Fleets.router(
            Selectors.predictedTime(),
            time,
            List.of(
                Endpoint.builder("gpu", "http://gpu")
                    .profile(HardwareProfile.builder(1e6, 100).build())
                    .build()));
    for (int i = 0; i < 100; i++) {
      Lease lease = router.acquire(chat("llama", "t"));
      time.advance(Duration.ofSeconds(10));
      lease.complete(Outcome.success().withUsage(Usage.of(100, 1_000)));
    }

    assertThat(router.explain(chat("llama", "t")).verdicts().get(0).terms().get("output"))
        .isCloseTo(10, within(0.5));
    assertThat(router.explain(chat("phi", "t")).verdicts().get(0).terms().get("output"))
        .isCloseTo(2.5, within(0.1));
  }
}
