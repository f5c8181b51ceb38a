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
 * random. The pass keeps only the choice so far: what a new best score leaves outside of the band
 * is no longer in the running.
 *
 * <h2>Home</h2>
 *
 * <p>What an endpoint has cached of a prompt shortens its input time, and so is part of the score.
 * It pays beyond that: whoever reads a prompt anew also takes time from those behind it, and throws
 * somebody else's prompt out of the cache. So where one endpoint has at least {@value
 * #HOME_ADVANTAGE} of the input more than the others, it is the home of the request, and chosen as
 * long as its score is at most {@value #HOME_PATIENCE} times that of what would be chosen
 * otherwise; or 1 and {@value #HOME_PATIENCE_PER_ADVANTAGE} times that share, where that is more.
 * This also bounds what a popular prefix or a busy conversation can do to it.
 */
final class PredictedTimeSelector implements EndpointSelector {
  private static final double IMPATIENCE = 2;
  private static final double PATIENCE = 0.25;
  private static final double BAND = 1.07;
  private static final double JITTER = 0.1;
  private static final double HOME_ADVANTAGE = 0.1;
  private static final double HOME_PATIENCE = 1.5;
  private static final double HOME_PATIENCE_PER_ADVANTAGE = 2.25;
  private static final double FAILURE_FLOOR_SECONDS = 1;
  private static final int JITTER_BITS = 7;
  private static final int JITTER_STEPS = 1 << JITTER_BITS;

  /** One random number is good for four jitters. */
  private static final int JITTERS = 1 << (4 * JITTER_BITS);

  /** The bits of an index: no set has more than 2^20 candidates. */
  private static final int INDEX = (1 << 20) - 1;

  /** Added to times that are jittered, so that chance decides between those of zero as well. */
  private static final double NO_TIME = 1e-9;

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
    int last = size - 1;
    return size == 0
        ? NONE
        : soonest(candidates, size, 0, Math.min(1, last), Math.min(2, last), Math.min(3, last));
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
   * <p>What a pick costs is its instructions, and wrong guesses of which of two candidates is
   * better, which is a coin toss to a branch predictor. So candidates are looked at four by four,
   * side by side and without a branch between them. Times are compared as the bits of doubles,
   * which for numbers from zero up have the order of the numbers, and the sign of a difference
   * becomes a mask. What decides within the band carries the index of its candidate in its last
   * bits, so the least of them is the choice.
   */
  private static int soonest(
      Candidates candidates, int count, int first, int second, int third, int fourth) {
    double impatient = candidates.outputWork() > 0 ? 0 : Double.MAX_VALUE;
    long best = NEVER;
    long choice = NEVER;
    long choiceScore = NEVER;
    int index0 = first;
    int index1 = second;
    int index2 = third;
    int index3 = fourth;
    for (int considered = 4; ; considered += 4) {
      int left = count - considered; // after these four; below zero if there are fewer
      double first0 = firstOutput(candidates, index0);
      double first1 = firstOutput(candidates, index1);
      double first2 = firstOutput(candidates, index2);
      double first3 = firstOutput(candidates, index3);
      double soon0 = first0 + failures(candidates, index0, first0);
      double soon1 = first1 + failures(candidates, index1, first1);
      double soon2 = first2 + failures(candidates, index2, first2);
      double soon3 = first3 + failures(candidates, index3, first3);
      long score0 = score(candidates, index0, first0, soon0, impatient);
      long score1 = score(candidates, index1, first1, soon1, impatient) | missing(left + 2);
      long score2 = score(candidates, index2, first2, soon2, impatient) | missing(left + 1);
      long score3 = score(candidates, index3, first3, soon3, impatient) | missing(left);
      best = min(best, min(min(score0, score1), min(score2, score3)));
      long band = Double.doubleToRawLongBits(Double.longBitsToDouble(best) * BAND);
      int jitter = candidates.random(JITTERS);
      long key0 = key(index0, soon0, jitter) | outside(band, score0);
      long key1 = key(index1, soon1, jitter >>> JITTER_BITS) | outside(band, score1);
      long key2 = key(index2, soon2, jitter >>> (2 * JITTER_BITS)) | outside(band, score2);
      long key3 = key(index3, soon3, jitter >>> (3 * JITTER_BITS)) | outside(band, score3);
      choice |= outside(band, choiceScore);
      choice = min(choice, min(min(key0, key1), min(key2, key3)));
      int chosen = (int) choice & INDEX;
      if (considered >= count) {
        return best == NEVER ? NONE : chosen;
      }
      choiceScore =
          chosen == index0
              ? score0
              : chosen == index1
                  ? score1
                  : chosen == index2 ? score2 : chosen == index3 ? score3 : choiceScore;
      // The last one stands for what is missing of four, and is then as good as not available.
      int last = count - 1;
      index0 = considered;
      index1 = Math.min(considered + 1, last);
      index2 = Math.min(considered + 2, last);
      index3 = Math.min(considered + 3, last);
    }
  }

  /** What failures add to the time to the first output. */
  private static double failures(Candidates candidates, int index, double firstOutput) {
    double level = candidates.errorLevel(index);
    return level == 0 ? 0 : failures(level, firstOutput + candidates.predictedOutputSeconds(index));
  }

  /**
   * The bits of the score; {@link #NEVER} if the candidate is not available.
   *
   * @param first the time to the first output
   * @param soon the same with what failures add
   * @param impatient 0; if there is no output beside which a wait could be short, a very long time
   */
  private static long score(
      Candidates candidates, int index, double first, double soon, double impatient) {
    if (!candidates.isAvailable(index)) {
      return NEVER;
    }
    double output = candidates.predictedOutputSeconds(index);
    double unweighted = soon + (output + candidates.predictedHarmSeconds(index));
    double patience = (IMPATIENCE * PATIENCE) * output + impatient;
    return min(
        Double.doubleToRawLongBits(unweighted + IMPATIENCE * first),
        Double.doubleToRawLongBits(unweighted + patience));
  }

  /** The bits of the jittered time, the last of them taken by the index. */
  private static long key(int index, double soon, int jitter) {
    double jittered =
        (soon + NO_TIME)
            * (1 - JITTER + (jitter & (JITTER_STEPS - 1)) * (2 * JITTER / JITTER_STEPS));
    return (Double.doubleToRawLongBits(jittered) & ~(long) INDEX) | index;
  }

  /** What makes a score higher than any other if there is no candidate for it, else zero. */
  private static long missing(int left) {
    return (long) left >> 63 >>> 1;
  }

  /** What makes a key later than any other if the score is outside of the band, else zero. */
  private static long outside(long band, long score) {
    return (band - score) >> 63 >>> 1;
  }

  /** The lesser; both are from 0 up. */
  private static long min(long a, long b) {
    return b + ((a - b) & ((a - b) >> 63));
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
    double advantage = candidates.warmestAdvantage();
    return home != NONE
            && advantage >= HOME_ADVANTAGE
            && candidates.isAvailable(home)
            && score(candidates, home) <= patience(advantage) * bestScore
        ? home
        : best;
  }

  /** So many times the best score the home of a request may have. */
  private static double patience(double advantage) {
    return Math.max(HOME_PATIENCE, 1 + HOME_PATIENCE_PER_ADVANTAGE * advantage);
  }

  private static double score(Candidates candidates, int index) {
    double firstOutput = firstOutput(candidates, index);
    double output = candidates.predictedOutputSeconds(index);
    double failures = failures(candidates.errorLevel(index), firstOutput + output);
    return score(firstOutput, output, candidates.predictedHarmSeconds(index)) + failures;
  }

  private static double firstOutput(Candidates candidates, int index) {
    return candidates.predictedWaitSeconds(index) + candidates.predictedInputSeconds(index);
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
