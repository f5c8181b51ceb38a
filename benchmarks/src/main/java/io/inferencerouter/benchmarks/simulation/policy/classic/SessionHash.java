package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * All requests of a session go to one endpoint: the one with the highest hash of session and
 * endpoint (D. Thaler and C. Ravishankar, Using Name-Based Mappings to Increase Hit Rates, IEEE/ACM
 * ToN 6(1), 1998, known as rendezvous hashing). A change of the membership moves only the sessions
 * of the endpoints that left or joined. A request without a session goes to a random endpoint.
 *
 * <p>With a bound (V. Mirrokni, M. Thorup and M. Zadimoghaddam, Consistent Hashing with Bounded
 * Loads, SODA 2018; hash-balance-factor of HAProxy) an endpoint that has {@value #BALANCE} times
 * its share of this client's requests, rounded up, is passed over for the next in the session's
 * order.
 */
final class SessionHash extends OutstandingBalancer<SessionHash.Hashes> {
  /** The paper's c, 1 + epsilon; Google Cloud's and HAProxy's documentation name 1.25. */
  static final double BALANCE = 1.25;

  private final boolean bounded;

  private SessionHash(Client client, boolean bounded) {
    super(client, Avoidance.NONE);
    this.bounded = bounded;
  }

  static Policy policy() {
    return new NamedPolicy(
        "session-hash",
        "Rendezvous hashing of the session, else random (Thaler and Ravishankar, ToN 1998)",
        Policy.Standing.RIVAL,
        client -> new SessionHash(client, false));
  }

  static Policy boundedPolicy() {
    return new NamedPolicy(
        "session-hash-bounded",
        "Rendezvous hashing of the session with loads bounded at 1.25 times the mean, else random"
            + " (Mirrokni, Thorup and Zadimoghaddam, SODA 2018)",
        Policy.Standing.RIVAL,
        client -> new SessionHash(client, true));
  }

  @Override
  Hashes candidates(Target[] targets) {
    return new Hashes(targets);
  }

  @Override
  int choose(SimulatedRequest request, Hashes hashes) {
    int capacity = bounded ? capacity(hashes) : Integer.MAX_VALUE;
    long session = Hashes.hash(request.session());
    int best = hashes.usable(0);
    long highest = Long.MIN_VALUE;
    int below = 0;
    for (int i = 0; i < hashes.usableCount(); i++) {
      int position = hashes.usable(i);
      if (outstanding(hashes.target(position)) >= capacity) {
        continue;
      }
      below++;
      if (request.session().isEmpty()) {
        best = random.nextInt(below) == 0 ? position : best;
        continue;
      }
      long hash = hashes.hash(session, position);
      if (below == 1 || hash > highest) {
        highest = hash;
        best = position;
      }
    }
    return best;
  }

  /** Some usable one is below it. */
  private int capacity(Hashes hashes) {
    long total = 1;
    for (int i = 0; i < hashes.usableCount(); i++) {
      total += outstanding(hashes.target(hashes.usable(i)));
    }
    return (int) Math.ceil(BALANCE * total / hashes.usableCount());
  }

  static final class Hashes extends Candidates {
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private final long[] endpoints;

    Hashes(Target[] targets) {
      super(targets);
      endpoints = new long[targets.length];
      for (int position = 0; position < targets.length; position++) {
        endpoints[position] = hash(targets[position].id());
      }
    }

    long hash(long session, int position) {
      return mix(session ^ endpoints[position]);
    }

    static long hash(String text) {
      long hash = FNV_OFFSET;
      for (int i = 0; i < text.length(); i++) {
        hash = (hash ^ text.charAt(i)) * FNV_PRIME;
      }
      return mix(hash);
    }

    /** The last step of SplittableRandom: each bit of the result depends on all of the input. */
    private static long mix(long value) {
      long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
      mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
      return mixed ^ (mixed >>> 31);
    }
  }
}
