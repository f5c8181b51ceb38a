package io.inferencerouter.core;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.core.affinity.PrefixKeys;
import io.inferencerouter.core.cost.CostEstimators;
import io.inferencerouter.core.cost.TextCostEstimator;
import io.inferencerouter.core.selection.Selectors;
import java.time.Duration;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every setting with a range: what lies outside is refused at once, by name; the ends are in. */
class SettingsTest {
  private static final Duration NEGATIVE = Duration.ofNanos(-1);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration TOO_LONG = DAY.plusNanos(1);

  private static Arguments refused(String start, ThrowingCallable setting) {
    return Arguments.of(start, setting);
  }

  static Stream<Arguments> settingsOutOfRange() {
    return Stream.of(router(), health(), retries(), probes(), stallsAndLeaks(), starts(), costs())
        .flatMap(each -> each);
  }

  private static Stream<Arguments> router() {
    InferenceRouters.Builder router = InferenceRouters.builder();
    return Stream.of(
        refused("queueCapacity: -1 (", () -> router.queueCapacity(-1)),
        refused("queueCapacity: 1000001 (", () -> router.queueCapacity(1_000_001)),
        refused("maxQueueTime: PT-0.000000001S (", () -> router.maxQueueTime(NEGATIVE)),
        refused("maxQueueTime: PT24H0.000000001S (", () -> router.maxQueueTime(TOO_LONG)),
        refused("excess: 0.0 (", () -> Selectors.sessionHash(0)),
        refused("excess: NaN (", () -> Selectors.sessionHash(Double.NaN)));
  }

  private static Stream<Arguments> health() {
    HealthPolicy.Builder health = HealthPolicy.builder();
    return Stream.of(
        refused("consecutiveFailures: 0 (", () -> health.consecutiveFailures(0)),
        refused("consecutiveFailures: 10001 (", () -> health.consecutiveFailures(10_001)),
        refused("minimumRequests: 0 (", () -> health.minimumRequests(0)),
        refused("minimumRequests: 100001 (", () -> health.minimumRequests(100_001)),
        refused("failureRateMargin: 0.0 (", () -> health.failureRateMargin(0)),
        refused("failureRateMargin: 1.01 (", () -> health.failureRateMargin(1.01)),
        refused("failureRateMargin: NaN (", () -> health.failureRateMargin(Double.NaN)),
        refused("latencyFactor: 1.0 (", () -> health.latencyFactor(1)),
        refused("latencyFactor: NaN (", () -> health.latencyFactor(Double.NaN)),
        refused("breakerFailureRate: 0.0 (", () -> health.breakerFailureRate(0)),
        refused("breakerFailureRate: 1.01 (", () -> health.breakerFailureRate(1.01)),
        refused("breakerFailureRate: NaN (", () -> health.breakerFailureRate(Double.NaN)),
        refused("ejection: PT0S to PT1S (", () -> health.ejection(Duration.ZERO, SECOND)),
        refused("ejection: PT24H to PT1S (", () -> health.ejection(DAY, SECOND)),
        refused("ejection: PT1S to PT24H0.000000001S (", () -> health.ejection(SECOND, TOO_LONG)),
        refused("maxEjectedShare: -0.1 (", () -> health.maxEjectedShare(-0.1)),
        refused("maxEjectedShare: 1.01 (", () -> health.maxEjectedShare(1.01)),
        refused("maxEjectedShare: NaN (", () -> health.maxEjectedShare(Double.NaN)),
        refused("panicThreshold: -0.1 (", () -> health.panicThreshold(-0.1)),
        refused("panicThreshold: 1.01 (", () -> health.panicThreshold(1.01)),
        refused("panicThreshold: NaN (", () -> health.panicThreshold(Double.NaN)),
        refused("backOff: PT-0.000000001S to PT1S (", () -> health.backOff(NEGATIVE, SECOND)),
        refused("backOff: PT24H to PT1S (", () -> health.backOff(DAY, SECOND)),
        refused("backOff: PT1S to PT24H0.000000001S (", () -> health.backOff(SECOND, TOO_LONG)));
  }

  private static Stream<Arguments> retries() {
    RetryPolicy.Builder retries = RetryPolicy.builder();
    return Stream.of(
        refused("maxAttempts: 0 (", () -> retries.maxAttempts(0)),
        refused("maxAttempts: 101 (", () -> retries.maxAttempts(101)),
        refused("backoff: PT-0.000000001S (", () -> retries.backoff(NEGATIVE)),
        refused("backoff: PT24H0.000000001S (", () -> retries.backoff(TOO_LONG)),
        refused("maxBackoff: PT-0.000000001S (", () -> retries.maxBackoff(NEGATIVE)),
        refused("maxBackoff: PT24H0.000000001S (", () -> retries.maxBackoff(TOO_LONG)),
        refused("maxRetryAfter: PT-0.000000001S (", () -> retries.maxRetryAfter(NEGATIVE)),
        refused("maxRetryAfter: PT24H0.000000001S (", () -> retries.maxRetryAfter(TOO_LONG)),
        refused("budgetRatio: -0.1 (", () -> retries.budgetRatio(-0.1)),
        refused("budgetRatio: 10.1 (", () -> retries.budgetRatio(10.1)),
        refused("budgetRatio: NaN (", () -> retries.budgetRatio(Double.NaN)),
        refused("minRetriesPerSecond: -1 (", () -> retries.minRetriesPerSecond(-1)),
        refused("minRetriesPerSecond: 1000001 (", () -> retries.minRetriesPerSecond(1_000_001)));
  }

  private static Stream<Arguments> probes() {
    ProbePolicy.Builder probes = ProbePolicy.builder();
    return Stream.of(
        refused("interval: PT0S (", () -> probes.interval(Duration.ZERO)),
        refused("interval: PT24H0.000000001S (", () -> probes.interval(TOO_LONG)),
        refused("jitter: PT-0.000000001S (", () -> probes.jitter(NEGATIVE)),
        refused("jitter: PT24H0.000000001S (", () -> probes.jitter(TOO_LONG)),
        refused("timeout: PT0S (", () -> probes.timeout(Duration.ZERO)),
        refused("timeout: PT24H0.000000001S (", () -> probes.timeout(TOO_LONG)),
        refused("rise: 0 (", () -> probes.rise(0)),
        refused("rise: 1001 (", () -> probes.rise(1_001)),
        refused("fall: 0 (", () -> probes.fall(0)),
        refused("fall: 1001 (", () -> probes.fall(1_001)),
        refused("maxConcurrent: 0 (", () -> probes.maxConcurrent(0)),
        refused("maxConcurrent: 1001 (", () -> probes.maxConcurrent(1_001)));
  }

  private static Stream<Arguments> stallsAndLeaks() {
    StallPolicy.Builder stalls = StallPolicy.builder();
    LeakPolicy.Builder leaks = LeakPolicy.builder();
    return Stream.of(
        refused("rhythmFactor: 0.9 (", () -> stalls.rhythmFactor(0.9)),
        refused("rhythmFactor: 1001.0 (", () -> stalls.rhythmFactor(1_001)),
        refused("rhythmFactor: NaN (", () -> stalls.rhythmFactor(Double.NaN)),
        refused("firstTokenFactor: 0.9 (", () -> stalls.firstTokenFactor(0.9)),
        refused("firstTokenFactor: NaN (", () -> stalls.firstTokenFactor(Double.NaN)),
        refused("streamBounds: PT0S to PT1S (", () -> stalls.streamBounds(Duration.ZERO, SECOND)),
        refused("streamBounds: PT24H to PT1S (", () -> stalls.streamBounds(DAY, SECOND)),
        refused("streamBounds: PT1S to PT24H0.", () -> stalls.streamBounds(SECOND, TOO_LONG)),
        refused("firstTokenBounds: PT0S to ", () -> stalls.firstTokenBounds(Duration.ZERO, SECOND)),
        refused("firstTokenBounds: PT24H to PT1S (", () -> stalls.firstTokenBounds(DAY, SECOND)),
        refused("maxLeaseAge: PT0S (", () -> leaks.maxLeaseAge(Duration.ZERO)),
        refused("maxLeaseAge: PT8784H (", () -> leaks.maxLeaseAge(Duration.ofDays(366))));
  }

  private static Stream<Arguments> starts() {
    SlowStart.Builder start = SlowStart.builder();
    return Stream.of(
        refused("window: PT0S (", () -> start.window(Duration.ZERO)),
        refused("window: PT24H0.000000001S (", () -> start.window(TOO_LONG)),
        refused("answers: 0 (", () -> start.answers(0)),
        refused("answers: 1000001 (", () -> start.answers(1_000_001)),
        refused("floor: 0.0 (", () -> start.floor(0)),
        refused("floor: 1.01 (", () -> start.floor(1.01)),
        refused("floor: NaN (", () -> start.floor(Double.NaN)),
        refused("aggression: 0.0 (", () -> start.aggression(0)),
        refused("aggression: 10.1 (", () -> start.aggression(10.1)),
        refused("aggression: NaN (", () -> start.aggression(Double.NaN)));
  }

  private static Stream<Arguments> costs() {
    TextCostEstimator.Builder text = TextCostEstimator.builder();
    PrefixKeys.Builder keys = PrefixKeys.builder();
    return Stream.of(
        refused("charactersPerToken: 0.0 (", () -> text.charactersPerToken(0)),
        refused("charactersPerToken: 101.0 (", () -> text.charactersPerToken(101)),
        refused("charactersPerToken: NaN (", () -> text.charactersPerToken(Double.NaN)),
        refused("tokensPerPage: -1.0 (", () -> text.tokensPerPage(-1)),
        refused("tokensPerPage: Infinity (", () -> text.tokensPerPage(Double.POSITIVE_INFINITY)),
        refused("tokensPerImage: NaN (", () -> text.tokensPerImage(Double.NaN)),
        refused("expectedOutput: -1.0 (", () -> text.expectedOutput(-1)),
        refused("expectedOutput: NaN (", () -> text.expectedOutput(Double.NaN)),
        refused("doublingInput: 0.0 (", () -> text.doublingInput(0)),
        refused("doublingInput: NaN (", () -> text.doublingInput(Double.NaN)),
        refused("inputWork: -1.0 (", () -> CostEstimators.constant(-1, 0)),
        refused("outputWork: NaN (", () -> CostEstimators.constant(0, Double.NaN)),
        refused("blockSize: 56 (", () -> keys.blockSize(56)),
        refused("blockSize: 100 (", () -> keys.blockSize(100)),
        refused("maxBlocks: 0 (", () -> keys.maxBlocks(0)),
        refused("maxBlocks: 65536 (", () -> keys.maxBlocks(65_536)));
  }

  @ParameterizedTest
  @MethodSource("settingsOutOfRange")
  void aSettingOutOfRangeIsRefusedByName(String start, ThrowingCallable setting) {
    assertThatThrownBy(setting)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(start)
        .hasMessageContaining("(expected: ");
  }

  static Stream<ThrowingCallable> settingsAtTheEndsOfTheirRanges() {
    return Stream.of(
        () -> InferenceRouters.builder().queueCapacity(0).maxQueueTime(Duration.ZERO),
        () -> InferenceRouters.builder().queueCapacity(1_000_000).maxQueueTime(DAY),
        () -> HealthPolicy.builder().failureRateMargin(1).latencyFactor(1.1).maxEjectedShare(0),
        () -> HealthPolicy.builder().ejection(DAY, DAY).backOff(SECOND, DAY).panicThreshold(1),
        () -> RetryPolicy.builder().maxAttempts(1).backoff(Duration.ZERO).budgetRatio(0),
        () -> RetryPolicy.builder().maxAttempts(100).backoff(DAY).budgetRatio(10),
        () -> ProbePolicy.builder().interval(Duration.ofMillis(1)).jitter(Duration.ZERO).rise(1),
        () -> ProbePolicy.builder().interval(DAY).jitter(DAY).timeout(DAY).fall(1_000),
        () -> StallPolicy.builder().rhythmFactor(1).streamBounds(DAY, DAY).firstTokenFactor(1_000),
        () -> LeakPolicy.builder().maxLeaseAge(Duration.ofMillis(100)),
        () -> LeakPolicy.builder().maxLeaseAge(Duration.ofDays(365)),
        () -> SlowStart.builder().window(DAY).answers(1).floor(0.001).aggression(0.1),
        () -> SlowStart.builder().answers(1_000_000).floor(1).aggression(10),
        () -> TextCostEstimator.builder().charactersPerToken(0.1).tokensPerPage(0),
        () -> PrefixKeys.builder().blockSize(64).maxBlocks(65_535),
        () -> CostEstimators.constant(0, 0));
  }

  @ParameterizedTest
  @MethodSource("settingsAtTheEndsOfTheirRanges")
  void theEndsOfARangeAreAccepted(ThrowingCallable setting) {
    assertThatCode(setting).doesNotThrowAnyException();
  }
}
