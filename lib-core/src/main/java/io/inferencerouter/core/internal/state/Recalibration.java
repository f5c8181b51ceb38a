package io.inferencerouter.core.internal.state;

import java.time.Duration;
import java.util.Collection;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * What is done to the learned speeds of one model from time to time, off the path of requests:
 * forget, and learn across endpoints what no single one can tell.
 *
 * <h2>Forgetting</h2>
 *
 * <p>Evidence fades with a time constant of {@value #MEMORY_SECONDS} s, so that a GPU which
 * throttles, and one which recovers, is noticed. Where an endpoint was not visited {@value
 * #UNVISITED_ROUNDS} times in a row, because it looks slow, that is {@value #UNVISITED_SECONDS} s:
 * what is avoided is tried again. Of an endpoint that has become another one, what is older is
 * forgotten at once; see {@link RateShift}. If it has become slower, that may pass: for {@value
 * #DOUBT_ROUNDS} rounds evidence fades with {@value #DOUBT_SECONDS} s where it was not visited
 * {@value #UNVISITED_ROUNDS_IN_DOUBT} times in a row.
 *
 * <p>What is forgotten has to be learned again, by requests that take long where it was known that
 * they would. Many can afford that, but of a router which has a request in a second, one of many
 * before the same endpoints, they are a large part. So evidence fades with the requests that were
 * learned from as well, whichever takes longer: with a constant of {@value #MEMORY_REQUESTS},
 * {@value #UNVISITED_REQUESTS} and {@value #DOUBT_REQUESTS} of them for each endpoint on average. A
 * quiet night is no reason to forget. What was met of the work of others (see {@link SetAside})
 * fades with requests alone, with a constant of {@value #UNSEEN_REQUESTS}.
 *
 * <h2>Priors</h2>
 *
 * <p>Without evidence an endpoint is believed to be what was declared, times the ratio between
 * learned and declared speed that the others show: if all are half as fast as declared, so is this
 * one, presumably. Should that make it slower than the mean of the fleet, it is believed to lie
 * half-way between (in ratio), since a declaration that is wrong in this direction would never be
 * found out: nobody would go there.
 *
 * <p>Whatever is believed of an endpoint to which nothing goes, it is tried from time to time; see
 * {@link Avoidance}. Then it is taken for faster than it is believed to be, but for no faster than
 * the fastest of all.
 *
 * <h2>Neighbours</h2>
 *
 * <p>How much a neighbour slows an output unit is the slope of its time over the number of
 * neighbours. One endpoint sees too few different numbers to tell, so the slopes of all are pooled:
 * what is learned is one factor on the declared penalties, which keep their proportions.
 */
public final class Recalibration {
  /** How often it is done while there is traffic. */
  public static final Duration INTERVAL = Duration.ofSeconds(5);

  private static final double MEMORY_SECONDS = 100;
  private static final double MEMORY_REQUESTS = 32;
  private static final double UNVISITED_SECONDS = 10;
  private static final double UNVISITED_REQUESTS = 16;
  private static final int UNVISITED_ROUNDS = 6;
  private static final double DOUBT_SECONDS = 3;
  private static final double DOUBT_REQUESTS = 4;
  private static final int UNVISITED_ROUNDS_IN_DOUBT = 3;
  private static final int DOUBT_ROUNDS = 60;
  private static final double UNSEEN_REQUESTS = 128;
  private static final double IDLE_SECONDS = 2.0 * INTERVAL.toSeconds();

  /** The variation of neighbours that counts as much as the declared penalty. */
  private static final double PRIOR_VARIATION = 50;

  private static final double MIN_PENALTY = 0.002;
  private static final double MAX_PENALTY = 0.2;

  private final Collection<ModelService> services;

  private final LongSupplier random;

  private Recalibration(Collection<ModelService> services, LongSupplier random) {
    this.services = services;
    this.random = random;
  }

  /**
   * Recalibrates the services of one model. By one thread at a time.
   *
   * @param elapsedSeconds since evidence last faded; 0 if none is to fade now
   * @param random in which tempo each endpoint that is avoided is tried again
   */
  public static void of(
      Collection<ModelService> services, double elapsedSeconds, LongSupplier random) {
    Recalibration recalibration = new Recalibration(services, random);
    if (elapsedSeconds > 0) {
      recalibration.fade(Math.min(elapsedSeconds, IDLE_SECONDS));
    }
    recalibration.believe();
    SetAside.among(services);
  }

  private void fade(double elapsedSeconds) {
    double requests = newRequests() / services.size();
    float kept = kept(elapsedSeconds / MEMORY_SECONDS, requests / MEMORY_REQUESTS);
    float keptUnvisited = kept(elapsedSeconds / UNVISITED_SECONDS, requests / UNVISITED_REQUESTS);
    float keptInDoubt = kept(elapsedSeconds / DOUBT_SECONDS, requests / DOUBT_REQUESTS);
    float keptUnseen = (float) StrictMath.exp(-requests / UNSEEN_REQUESTS);
    double inputTrend = trend(ModelService::newestInputRatio);
    double outputTrend = trend(ModelService::newestOutputRatio);
    for (ModelService service : services) {
      Avoidance avoidance = service.avoidance;
      avoidance.passed(requests, random);
      avoidance.shifted(
          service.forgetBeforeShift(
              service.newestInputRatio() / inputTrend, service.newestOutputRatio() / outputTrend),
          DOUBT_ROUNDS,
          observations(service));
      boolean isInDoubt = avoidance.isSlowerLately();
      boolean isAvoided =
          avoidance.roundsUnvisited() >= (isInDoubt ? UNVISITED_ROUNDS_IN_DOUBT : UNVISITED_ROUNDS);
      service.keep(!isAvoided ? kept : isInDoubt ? keptInDoubt : keptUnvisited);
      service.age(elapsedSeconds);
      service.unseen.fade(keptUnseen);
    }
  }

  private void believe() {
    Speeds input = new Speeds();
    Speeds output = new Speeds();
    for (ModelService service : services) {
      ServiceRates declared = service.declared();
      input.add(
          service.inputObservations(),
          service.secondsPerInputUnit(),
          declared.secondsPerInputUnit());
      output.add(
          service.outputObservations(),
          service.secondsPerOutputUnit(),
          declared.secondsPerOutputUnit());
    }
    double shapeFactor = WorkShape.choose(services);
    double penaltyFactor = penaltyFactor();
    for (ModelService service : services) {
      ServiceRates declared = service.declared();
      service.recalibrate(
          (float) (shapeFactor * input.prior(declared.secondsPerInputUnit())),
          (float) output.prior(declared.secondsPerOutputUnit()),
          (float) penalty(declared.concurrencyPenalty(), penaltyFactor));
      double optimism = service.avoidance.optimism();
      service.optimism(
          (float) Math.max(optimism, input.toFastest(service.secondsPerInputUnit())),
          (float) Math.max(optimism, output.toFastest(service.secondsPerOutputUnit())));
    }
  }

  /** How many requests were learned from since the last time. */
  private double newRequests() {
    double requests = 0;
    for (ModelService service : services) {
      requests += service.avoidance.newObservations(observations(service));
    }
    return requests;
  }

  /**
   * A request is observed once in the rate of inputs, but twice in that of outputs if its stream is
   * long and little is known; some requests are observed in that of outputs alone.
   */
  private static float observations(ModelService service) {
    float inputs = service.inputObservations();
    return inputs > 0 ? inputs : service.outputObservations();
  }

  /**
   * The share of evidence that is left.
   *
   * @param time that has passed, in time constants
   * @param requests that came, in the constant of requests
   */
  private static float kept(double time, double requests) {
    return (float) StrictMath.exp(-Math.min(time, requests));
  }

  /** What has happened to all endpoints together: the median of the ratios that are known. */
  private double trend(ToDoubleFunction<ModelService> ratio) {
    double[] known = services.stream().mapToDouble(ratio).filter(r -> r > 0).sorted().toArray();
    return known.length == 0
        ? 1
        : Math.sqrt(known[(known.length - 1) / 2] * known[known.length / 2]);
  }

  private static double penalty(double declared, double factor) {
    return declared == 0
        ? 0
        : Math.min(
            Math.max(declared, MAX_PENALTY),
            Math.max(Math.min(declared, MIN_PENALTY), declared * factor));
  }

  private double penaltyFactor() {
    double covariation = 0;
    double variation = 0;
    double prior = 0;
    for (ModelService service : services) {
      double declared = service.declared().concurrencyPenalty();
      Rhythm rhythm = service.rhythm();
      prior = Math.max(prior, PRIOR_VARIATION * declared * declared);
      if (declared > 0 && rhythm.variation() > 0 && rhythm.meanStep() > 0) {
        double alone = rhythm.meanStep() / (1 + service.penalty() * rhythm.meanBeside());
        covariation += rhythm.covariation() / alone * declared;
        variation += rhythm.variation() * declared * declared;
      }
    }
    return variation > 0 ? (covariation + prior) / (variation + prior) : 1;
  }

  /** The speeds of those endpoints that have shown theirs; means are geometric ones. */
  private static final class Speeds {
    private double weight;
    private double logLearned;
    private double logRatio;
    private double fastest = Double.MAX_VALUE;

    void add(float observations, double learned, double declared) {
      double counts = Math.min(observations, 1);
      weight += counts;
      logLearned += counts * StrictMath.log(learned);
      logRatio += counts * StrictMath.log(learned / declared);
      if (counts == 1) {
        fastest = Math.min(fastest, learned);
      }
    }

    /** The factor by which the fastest of all is faster; 1 if none is known to be. */
    double toFastest(double seconds) {
      return Math.min(1, fastest / seconds);
    }

    double prior(double declared) {
      if (weight < 1) {
        return declared;
      }
      double scaled = declared * StrictMath.exp(logRatio / weight);
      double mean = StrictMath.exp(logLearned / weight);
      return scaled <= mean ? scaled : Math.sqrt(scaled * mean);
    }
  }
}
