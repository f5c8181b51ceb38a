package io.inferencerouter;

/**
 * What an {@link EndpointSelector} sees of one routing decision: the eligible endpoints, by index,
 * and what is known of each.
 *
 * <p>Every hard rule (model, version, region, lifecycle) has been applied before. What is left is
 * to look at {@link #isAvailable}, and to choose. The view is valid during the call of {@link
 * EndpointSelector#select} only. Its values are live: two reads of the same value may differ while
 * other threads route. Reading never writes; only {@link #random}, {@link #sample}, {@link #rotate}
 * and {@link #rotateWeighted} move on with each call.
 *
 * <p>Methods with an {@code index} expect 0 to {@code size() - 1} and throw {@link
 * IndexOutOfBoundsException} otherwise.
 */
public interface Candidates {
  /** The largest {@link #errorLevel}. */
  double MAX_ERROR_LEVEL = 8;

  /** The time constant of {@link #latencySeconds}. */
  double LATENCY_TIME_CONSTANT_SECONDS = 10;

  /** The largest rank of {@link #warmest}. */
  int MAX_WARMTH_RANK = 3;

  /** How many endpoints there are, available or not; at least 1. */
  int size();

  /** The endpoint at {@code index}; the order is stable as long as the set of endpoints is. */
  Endpoint endpoint(int index);

  /**
   * A hash of the endpoint's id, of 64 bits: the same in every router and every process, and as
   * good as never the same for two ids.
   */
  long idHash(int index);

  /**
   * Whether the endpoint takes requests, has a free slot, and memory for this request if it
   * declares a budget.
   *
   * <p>An endpoint in its slow start is available to a share of the decisions only. Whether this is
   * one of them is the same answer throughout one decision, however often it is asked for.
   */
  boolean isAvailable(int index);

  /** How many requests this router has in flight on the endpoint. */
  int inFlight(int index);

  /**
   * The input work reserved on the endpoint that has not reached its first output, in predicted
   * seconds.
   */
  double reservedInputSeconds(int index);

  /** The output work reserved on the endpoint that is not finished, in predicted seconds. */
  double reservedOutputSeconds(int index);

  /** The declared weight of the endpoint. */
  double weight(int index);

  /**
   * How badly the endpoint fails, from 0 (not at all) to {@value #MAX_ERROR_LEVEL}: one step up
   * with each failure in a row, halved by each success, and fading with time.
   */
  double errorLevel(int index);

  /**
   * The peak EWMA of the endpoint's latency, in seconds from acquiring a lease to completing it
   * with success; 0 before the first.
   *
   * <p>It rises to a longer latency at once, and follows shorter ones with a time constant of
   * {@value #LATENCY_TIME_CONSTANT_SECONDS} s. While nothing is in flight on the endpoint, it fades
   * with the same time constant, so that an endpoint that was slow once is tried again; as soon as
   * something is, the last value counts in full until the answer is there.
   *
   * <p>A router measures latencies from the moment when its selector first asks for one.
   */
  double latencySeconds(int index);

  /** Seconds until the request could start on the endpoint. */
  double predictedWaitSeconds(int index);

  /**
   * Seconds for reading what the endpoint has not cached of the input of this request, fixed
   * overhead and model load included.
   */
  double predictedInputSeconds(int index);

  /**
   * Seconds for loading the model first, which are a part of {@link #predictedInputSeconds}; 0
   * where it is resident.
   */
  double modelLoadSeconds(int index);

  /**
   * Seconds that {@link #predictedInputSeconds} is shorter for what the endpoint has cached of this
   * request.
   */
  double cachedInputSeconds(int index);

  /**
   * The share of this request's input that the endpoint has in its cache by all that is known, and
   * need not read again; 0 to 1.
   */
  double cachedShare(int index);

  /**
   * The endpoint with the most of this request in its cache (rank 0), with the next most (rank 1),
   * and so on; {@link EndpointSelector#NONE} if there is none of that rank, or none among these
   * candidates.
   *
   * @param rank 0 to {@link #MAX_WARMTH_RANK}
   */
  int warmest(int rank);

  /**
   * How much more of this request the {@linkplain #warmest warmest} endpoint has in its cache than
   * every endpoint has, as a share of the input, 0 to 1; 0 if there is no warmest one among these
   * candidates.
   */
  double warmestAdvantage();

  /** Seconds for generating the output of this request on the endpoint, beside what runs there. */
  double predictedOutputSeconds(int index);

  /**
   * Seconds by which this request would delay those that are on the endpoint already, summed over
   * them: by generating its output beside theirs, and by having an input read that is many times as
   * long as others.
   */
  double predictedHarmSeconds(int index);

  /** The estimated input work of this request, in units. */
  double inputWork();

  /** The estimated output work of this request, in units. */
  double outputWork();

  /**
   * The model the choice is made for; differs from the request's where a fallback model is tried.
   */
  String model();

  /** The time of this decision, as read from the router's {@link Ticker}. */
  long nowNanos();

  /**
   * A number from 0 to {@code bound - 1}, each equally likely, from the router's source of
   * randomness.
   *
   * @param bound at least 1
   */
  int random(int bound);

  /**
   * An endpoint drawn at random, in proportion to its weight among those of {@link #size()},
   * available or not. {@code stratum} of {@code strata} divides the total weight into equal parts,
   * so that one draw from each stratum, from 0 on and one directly after the other, hardly ever
   * gives the same endpoint twice, as long as none is heavier than a part.
   *
   * @param stratum 0 to {@code strata - 1}
   * @param strata at least 1
   */
  int sample(int stratum, int strata);

  /**
   * Whether there is time to look at all candidates, however many there are: what that costs, at
   * the rate of requests to this model, is a small part of a processor. If not, a sample has to do.
   * Who asks and is told so is expected to look at all.
   */
  boolean mayLookAtAll();

  /**
   * As {@link #sample}, in proportion to how fast the endpoints are by all that is known: declared
   * at first, then learned.
   *
   * @param stratum 0 to {@code strata - 1}
   * @param strata at least 1
   */
  int sampleBySpeed(int stratum, int strata);

  /**
   * The index whose turn it is in a rotation through the candidates. Each call moves the rotation
   * on; it is kept per model for the life of the router, across changes of the set.
   */
  int rotate();

  /**
   * The index whose turn it is in a rotation in which each endpoint has turns in proportion to its
   * weight, spread evenly: in any number of turns in a row, an endpoint has less than two more or
   * fewer than its share. Each call moves the rotation on, which is the one of {@link #rotate}.
   */
  int rotateWeighted();
}
