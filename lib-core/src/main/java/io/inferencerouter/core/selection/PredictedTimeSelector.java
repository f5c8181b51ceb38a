package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The endpoint on which the request will be answered soonest, in predicted seconds.
 *
 * <h2>The score</h2>
 *
 * <pre>
 *   ttft  = wait + input                                    time to the first output
 *   felt  = min(ttft, {@value #PATIENCE} · output)         what is short beside the rest
 *   score = ttft + {@value #IMPATIENCE} · felt + output + harm + failures
 * </pre>
 *
 * <p>The time to the first output counts three times, since it is what a reader waits for and what
 * queues act on; but only as long as it is short beside the output. Where everybody waits for
 * longer, in a burst above all, a second of waiting is a second of the answer like any other. Else
 * a burst goes to whoever has no queue, which is who is slow: answers there begin soon and take for
 * ever. A request without output has nothing to compare with, and its time counts three times
 * throughout.
 *
 * <p>Harm is what the request costs those that are on the endpoint already. Without it a fast
 * endpoint is filled until its streams crawl.
 *
 * <h2>Failures</h2>
 *
 * <p>A failing endpoint is empty and looks fast. So its error level adds time: the level squared,
 * in units of the request's own predicted time, and at least of {@value #FAILURE_FLOOR_SECONDS} s,
 * since an answer that never comes cannot be had quickly. A single failure costs little, a row of
 * them a minute; as the level fades, the endpoint is tried again.
 *
 * <h2>The band</h2>
 *
 * <p>Predictions are not exact, and clients with the same view must not all choose the same
 * endpoint. Among the endpoints whose score is within {@value #BAND} of the best, the one with the
 * least time to the first output wins, each time taken with up to {@value #JITTER} more or less at
 * random. The pass keeps only the choice so far: when a new best score leaves the choice outside of
 * the band, the new best takes its place.
 *
 * <h2>Home</h2>
 *
 * <p>What an endpoint has cached of a prompt shortens its input time, and so is part of the score.
 * It pays beyond that: whoever reads a prompt anew also throws somebody else's out of the cache. So
 * where one endpoint has at least {@value #HOME_ADVANTAGE} of the input more than the others, it is
 * the home of the request, and chosen as long as its score is at most {@value #HOME_PATIENCE} times
 * that of what would be chosen otherwise. This also bounds what a popular prefix or a busy
 * conversation can do to it.
 */
final class PredictedTimeSelector implements EndpointSelector {
  private static final double IMPATIENCE = 2;
  private static final double PATIENCE = 0.25;
  private static final double BAND = 1.1;
  private static final double JITTER = 0.1;
  private static final double HOME_ADVANTAGE = 0.1;
  private static final double HOME_PATIENCE = 1.5;
  private static final double FAILURE_FLOOR_SECONDS = 1;
  private static final int JITTER_BITS = 7;
  private static final int JITTER_STEPS = 1 << JITTER_BITS;

  /** One random number is good for four jitters; this bit tells when they are used up. */
  private static final int JITTER_END = 1 << (4 * JITTER_BITS);

  private static final long NEVER = Double.doubleToRawLongBits(Double.MAX_VALUE);

  private final int scanLimit;

  PredictedTimeSelector() {
    this(Sampling.SCAN_LIMIT);
  }

  /**
   * A selector that looks at all candidates up to a number of its own.
   *
   * @param scanLimit at least the number of samples
   */
  PredictedTimeSelector(int scanLimit) {
    this.scanLimit = scanLimit;
  }

  @Override
  public int select(InferenceRequest request, Candidates candidates) {
    int choice = soonest(candidates);
    boolean isCold = candidates.warmest(0) == NONE && candidates.warmest(1) == NONE;
    return isCold ? choice : warm(choice, candidates);
  }

  private int soonest(Candidates candidates) {
    int size = candidates.size();
    if (size > scanLimit && !candidates.mayLookAtAll()) {
      int first = candidates.sampleBySpeed(0, Sampling.SAMPLES);
      int second = candidates.sampleBySpeed(1, Sampling.SAMPLES);
      int third = candidates.sampleBySpeed(2, Sampling.SAMPLES);
      int fourth = candidates.sampleBySpeed(3, Sampling.SAMPLES);
      if (isAnyAvailable(candidates, first, second, third, fourth)) {
        return soonest(candidates, Sampling.SAMPLES, first, second, third, fourth);
      }
    }
    return soonest(candidates, size, 0, 1, 2, 3);
  }

  /** All four are asked before the first is scored, so that what they lie in is fetched at once. */
  @SuppressWarnings("ShortCircuitBoolean")
  private static boolean isAnyAvailable(
      Candidates candidates, int first, int second, int third, int fourth) {
    return candidates.isAvailable(first)
        | candidates.isAvailable(second)
        | candidates.isAvailable(third)
        | candidates.isAvailable(fourth);
  }

  /**
   * The best of {@code count} candidates: the four given ones, and those that follow the fourth.
   *
   * <p>Which of two candidates is better is a coin toss to a branch predictor, and a wrong guess
   * costs more than the whole comparison. So the choice is updated without branches. Times are
   * compared as the bits of doubles, which for numbers from zero up have the order of the numbers,
   * and the sign of a difference becomes a mask.
   *
   * <p>Whether a score is within the band is asked of the score divided by the band, so that the
   * best score, which each candidate may change, is used as it is.
   */
  private static int soonest(
      Candidates candidates, int count, int first, int second, int third, int fourth) {
    int choice = NONE;
    long choiceScoreByBand = NEVER;
    long choiceFirstOutput = NEVER;
    long bestScore = NEVER;
    int jitter = 0;
    int index = first;
    int next = second;
    int afterNext = third;
    int last = fourth;
    for (int considered = 0; considered < count; considered++) {
      if (candidates.isAvailable(index)) {
        if (jitter <= 1) {
          jitter = JITTER_END | candidates.random(JITTER_END);
        }
        double firstOutput =
            candidates.predictedWaitSeconds(index) + candidates.predictedInputSeconds(index);
        double output = candidates.predictedOutputSeconds(index);
        double total = score(firstOutput, output, candidates.predictedHarmSeconds(index));
        double level = candidates.errorLevel(index);
        if (level != 0) {
          double failures = failures(level, firstOutput + output);
          total += failures;
          firstOutput += failures;
        }
        long score = Double.doubleToRawLongBits(total);
        long scoreByBand = Double.doubleToRawLongBits(total * (1 / BAND));
        long jittered =
            Double.doubleToRawLongBits(
                firstOutput
                    * (1 - JITTER + (jitter & (JITTER_STEPS - 1)) * (2 * JITTER / JITTER_STEPS)));
        jitter >>>= JITTER_BITS;

        bestScore ^= (score ^ bestScore) & below(score, bestScore);
        long inBand = ~below(bestScore, scoreByBand);
        long choiceOutOfBand = below(bestScore, choiceScoreByBand);
        long better = inBand & (choiceOutOfBand | below(jittered, choiceFirstOutput));
        choice ^= (int) ((index ^ choice) & better);
        choiceScoreByBand ^= (scoreByBand ^ choiceScoreByBand) & better;
        choiceFirstOutput ^= (jittered ^ choiceFirstOutput) & better;
      }
      index = next;
      next = afterNext;
      afterNext = last;
      last++;
    }
    return choice;
  }

  /** All ones if {@code a < b}, else zero; both are from 0 up. */
  private static long below(long a, long b) {
    return (a - b) >> 63;
  }

  /** As a cold choice, unless some endpoint that has a part of the request cached is better. */
  private static int warm(int cold, Candidates candidates) {
    int best = cold;
    double bestScore = cold == NONE ? Double.MAX_VALUE : score(candidates, cold);
    for (int rank = 0; rank <= Candidates.MAX_WARMTH_RANK; rank++) {
      int warm = candidates.warmest(rank);
      if (warm != NONE && candidates.isAvailable(warm)) {
        double score = score(candidates, warm);
        if (score < bestScore) {
          best = warm;
          bestScore = score;
        }
      }
    }
    int home = candidates.warmest(0);
    boolean isHome =
        home != NONE
            && candidates.warmestAdvantage() >= HOME_ADVANTAGE
            && candidates.isAvailable(home);
    return isHome && score(candidates, home) <= HOME_PATIENCE * bestScore ? home : best;
  }

  private static double score(Candidates candidates, int index) {
    double firstOutput =
        candidates.predictedWaitSeconds(index) + candidates.predictedInputSeconds(index);
    double output = candidates.predictedOutputSeconds(index);
    double failures = failures(candidates.errorLevel(index), firstOutput + output);
    return score(firstOutput, output, candidates.predictedHarmSeconds(index)) + failures;
  }

  private static double score(double firstOutput, double output, double harm) {
    return weighted(firstOutput, output) + output + harm;
  }

  /** What the time to the first output counts for before so much output. */
  private static double weighted(double firstOutput, double output) {
    double felt = output > 0 ? Math.min(firstOutput, PATIENCE * output) : firstOutput;
    return firstOutput + IMPATIENCE * felt;
  }

  private static double failures(double level, double predictedSeconds) {
    return level == 0 ? 0 : level * level * Math.max(FAILURE_FLOOR_SECONDS, predictedSeconds);
  }

  @Override
  public Map<String, Double> explain(InferenceRequest request, Candidates candidates, int index) {
    double wait = candidates.predictedWaitSeconds(index);
    double input = candidates.predictedInputSeconds(index);
    double load = candidates.modelLoadSeconds(index);
    double cached = candidates.cachedInputSeconds(index);
    double output = candidates.predictedOutputSeconds(index);
    double failures = failures(candidates.errorLevel(index), wait + input + output);
    double firstOutput = wait + input;
    double weight = firstOutput > 0 ? weighted(firstOutput, output) / firstOutput : 1 + IMPATIENCE;
    Map<String, Double> terms = new LinkedHashMap<>();
    terms.put("wait", weight * wait);
    terms.put("load", weight * load);
    terms.put("input", weight * (input - load + cached));
    terms.put("cached", -weight * cached);
    terms.put("output", output);
    terms.put("harm", candidates.predictedHarmSeconds(index));
    terms.put("failures", failures);
    return terms;
  }

  @Override
  public String scoreUnit() {
    return "s";
  }

  @Override
  public String toString() {
    return "predicted time";
  }
}
