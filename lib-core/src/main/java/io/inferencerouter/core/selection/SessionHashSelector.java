package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Each session on an endpoint of its own choosing, as long as that one is not overloaded.
 *
 * <h2>The order</h2>
 *
 * <p>Weighted rendezvous hashing (Thaler and Ravishankar, 1998; weights after Schindelhauer and
 * Schomaker, 2005): session and endpoint together give a number {@code u}, uniform from 0 to 1, and
 * the distance {@code −ln(1 − u) ÷ weight}. The nearest endpoint is the home of the session. An
 * endpoint is the home of a share of the sessions in proportion to its weight; when one leaves,
 * only its own sessions move, to all others; when one joins, the only sessions that move go to it.
 * Nothing is kept of a session, and all routers agree.
 *
 * <h2>The bound</h2>
 *
 * <p>Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2018): with {@code
 * m} requests in flight on all candidates, this one included, an endpoint takes a further one while
 * it has less than {@code (1 + excess) · m · weight ÷ total weight} in flight. Else the session
 * goes to the next in its order, and returns when its home has room. An endpoint that is not
 * available is passed over as well, and one whose error level is {@value #FAILING_LEVEL} or more;
 * as the level fades, it is tried again. When all are passed over, the nearest available one
 * serves.
 *
 * <h2>The cost</h2>
 *
 * <p>One pass over all candidates hashes, and reads nothing that changes; hardly any of them needs
 * the logarithm, since {@code u ÷ weight} is already a lower bound of the distance. If the home is
 * busy, requests in flight are counted on up to {@value #COUNTED} candidates; in larger sets they
 * are estimated from {@value #DRAWN}, drawn by weight, so that the bound is met on average. Only
 * when the home is passed over is there a second pass, for the next in order.
 *
 * <p>A request without a session goes where {@link LeastOutstandingRequestsSelector} says.
 */
final class SessionHashSelector implements EndpointSelector {
  private static final double FAILING_LEVEL = 2;
  private static final int COUNTED = 64;
  private static final int DRAWN = 32;
  private static final double PASSED_OVER = 1e6;
  private static final double UNIT = 0x1p-53;

  private final double limit;
  private final EndpointSelector withoutSession;

  SessionHashSelector(double excess, EndpointSelector withoutSession) {
    if (!(excess >= Selectors.MIN_EXCESS && excess <= Selectors.MAX_EXCESS)) {
      throw new IllegalArgumentException(
          "excess: "
              + excess
              + " (expected: "
              + Selectors.MIN_EXCESS
              + " to "
              + Selectors.MAX_EXCESS
              + ")");
    }
    this.limit = 1 + excess;
    this.withoutSession = withoutSession;
  }

  @Override
  public int select(InferenceRequest request, Candidates candidates) {
    String session = request.session();
    if (session.isEmpty()) {
      return withoutSession.select(request, candidates);
    }
    long key = mixed(session.hashCode());
    int size = candidates.size();
    int home = NONE;
    double nearest = Double.POSITIVE_INFINITY;
    double totalWeight = 0;
    for (int index = 0; index < size; index++) {
      double weight = candidates.weight(index);
      totalWeight += weight;
      double fraction = fraction(key, candidates.idHash(index));
      if (fraction < nearest * weight) {
        double distance = distance(fraction, weight);
        if (distance < nearest) {
          home = index;
          nearest = distance;
        }
      }
    }
    boolean healthy = isHealthy(candidates, home);
    if (healthy && candidates.inFlight(home) == 0) {
      return home;
    }
    double room = roomPerWeight(candidates, totalWeight);
    if (healthy && candidates.inFlight(home) < room * candidates.weight(home)) {
      return home;
    }
    return nearestWithRoom(key, candidates, room);
  }

  /** How many requests in flight each unit of weight may have. */
  private double roomPerWeight(Candidates candidates, double totalWeight) {
    int size = candidates.size();
    double sum = 0;
    if (size <= COUNTED) {
      for (int index = 0; index < size; index++) {
        sum += candidates.inFlight(index);
      }
      return limit * (sum + 1) / totalWeight;
    }
    // Drawn by weight, requests per weight have the mean of the whole.
    for (int stratum = 0; stratum < DRAWN; stratum++) {
      int index = candidates.sample(stratum, DRAWN);
      sum += candidates.inFlight(index) / candidates.weight(index);
    }
    return limit * (sum / DRAWN + 1 / totalWeight);
  }

  private static int nearestWithRoom(long key, Candidates candidates, double roomPerWeight) {
    int withRoom = NONE;
    int available = NONE;
    double nearestWithRoom = Double.POSITIVE_INFINITY;
    double nearestAvailable = Double.POSITIVE_INFINITY;
    for (int index = 0; index < candidates.size(); index++) {
      double weight = candidates.weight(index);
      double fraction = fraction(key, candidates.idHash(index));
      if (fraction >= nearestWithRoom * weight || !candidates.isAvailable(index)) {
        continue;
      }
      double distance = distance(fraction, weight);
      if (distance < nearestAvailable) {
        available = index;
        nearestAvailable = distance;
      }
      if (distance < nearestWithRoom
          && isHealthy(candidates, index)
          && candidates.inFlight(index) < roomPerWeight * weight) {
        withRoom = index;
        nearestWithRoom = distance;
      }
    }
    return withRoom != NONE ? withRoom : available;
  }

  private static boolean isHealthy(Candidates candidates, int index) {
    return candidates.isAvailable(index) && candidates.errorLevel(index) < FAILING_LEVEL;
  }

  private static double distance(double fraction, double weight) {
    return -Math.log(1 - fraction) / weight;
  }

  /** Uniform from 0 (inclusive) to 1 (exclusive) over sessions and over endpoints. */
  private static double fraction(long key, long idHash) {
    return (mixed(key ^ idHash) >>> 11) * UNIT;
  }

  /** The finalizer of MurmurHash3 (Appleby): each bit of the number changes half of the result. */
  private static long mixed(long number) {
    long h = number;
    h = (h ^ (h >>> 33)) * 0xff51afd7ed558ccdL;
    h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return h ^ (h >>> 33);
  }

  @Override
  public Map<String, Double> explain(InferenceRequest request, Candidates candidates, int index) {
    String session = request.session();
    if (session.isEmpty()) {
      return withoutSession.explain(request, candidates, index);
    }
    double totalWeight = 0;
    for (int i = 0; i < candidates.size(); i++) {
      totalWeight += candidates.weight(i);
    }
    double weight = candidates.weight(index);
    double fraction = fraction(mixed(session.hashCode()), candidates.idHash(index));
    boolean hasRoom = candidates.inFlight(index) < roomPerWeight(candidates, totalWeight) * weight;
    Map<String, Double> terms = new LinkedHashMap<>();
    terms.put("distance", distance(fraction, weight / totalWeight));
    terms.put("overload", hasRoom ? 0 : PASSED_OVER);
    terms.put("failures", isHealthy(candidates, index) ? 0 : PASSED_OVER);
    return terms;
  }

  @Override
  public String toString() {
    return "session hash";
  }
}
