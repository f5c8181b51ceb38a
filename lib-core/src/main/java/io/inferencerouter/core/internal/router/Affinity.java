package io.inferencerouter.core.internal.router;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Usage;
import io.inferencerouter.core.internal.affinity.AffinityKeys;
import io.inferencerouter.core.internal.affinity.EndpointCaches;
import io.inferencerouter.core.internal.affinity.PrefixHits;
import io.inferencerouter.core.internal.affinity.PrefixIndex;
import io.inferencerouter.core.internal.affinity.SessionIndex;
import io.inferencerouter.core.internal.learning.Evidence;
import io.inferencerouter.core.internal.state.EndpointState;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What this router believes to be in the caches of the endpoints: prefixes of prompts, and
 * conversations.
 *
 * <p>A request with prefix keys is looked up by them; one without, but with a session, by that.
 * What was served is noted once the endpoint has read it. The tables have a fixed size and are made
 * when the first such request comes; a router whose requests have neither keys nor sessions keeps
 * nothing.
 *
 * <p>A belief is corrected by what endpoints report: how long they keep what they have read, see
 * {@link io.inferencerouter.core.internal.affinity.EndpointCaches#kept}; and what remains then, the
 * share of the input that came out of the cache, divided by the share that was to be expected, is
 * the trust in what is noted of that endpoint.
 */
final class Affinity {
  private static final int TOKENS_PER_BLOCK = SessionIndex.DEFAULT_UNITS_PER_BLOCK;

  /** Noted shares of so many requests weigh as much as the assumption that they are right. */
  private static final float PRIOR_TRUST = 2;

  private static final float TRUST_WINDOW = 50;

  /** Notes below this share are no evidence for or against. */
  private static final double MIN_EVIDENT_SHARE = 0.05;

  /** The tables; together, as they are made together. */
  private static final class Tables {
    final EndpointCaches caches = new EndpointCaches(EndpointCaches.DEFAULT_SLOTS);
    final PrefixIndex prefixes;
    final SessionIndex sessions;

    /** The cache that a slot stands for: slots are used again, and caches are lost. */
    final AtomicReferenceArray<Object> owners =
        new AtomicReferenceArray<>(EndpointCaches.DEFAULT_SLOTS);

    /** Reported and noted shares, by slot. */
    final AtomicLongArray trust = new AtomicLongArray(EndpointCaches.DEFAULT_SLOTS);

    Tables(long seed) {
      prefixes = new PrefixIndex(caches, PrefixIndex.DEFAULT_ENTRIES, seed);
      sessions =
          new SessionIndex(
              caches, SessionIndex.DEFAULT_ENTRIES, SessionIndex.DEFAULT_UNITS_PER_BLOCK, seed);
    }
  }

  private final long seed;
  private final AtomicReference<@Nullable Tables> tables = new AtomicReference<>();
  private final SessionWarmth sessionWarmth = new SessionWarmth();

  Affinity(long seed) {
    this.seed = seed;
  }

  /** Whether a request says anything by which it could be found again. */
  static boolean concerns(InferenceRequest request) {
    return request.prefixKeyCount() != 0 || !request.session().isEmpty();
  }

  /** Tells a decision what is known of its request, which {@linkplain #concerns is concerned}. */
  void lookup(Decision decision) {
    Tables now = tables.get();
    if (now == null) {
      return;
    }
    InferenceRequest request = decision.request;
    String model = decision.model();
    if (request.prefixKeyCount() != 0) {
      PrefixWarmth hits = new PrefixWarmth();
      now.prefixes.lookup(request, salt(model), hits);
      if (!hits.isEmpty()) {
        decision.warmth(hits, 0);
      }
      return;
    }
    long found = now.sessions.lookup(sessionKey(request, model));
    if (found != SessionIndex.NONE) {
      double share = SessionIndex.units(found) / Math.max(1, decision.inputWork());
      decision.warmth(
          sessionWarmth,
          SessionWarmth.note(SessionIndex.slot(found), share, SessionIndex.age(found)));
    }
  }

  /** Notes that an endpoint has read a request. */
  void read(InferenceRequest request, String model, EndpointState state) {
    if (request.prefixKeyCount() != 0 && state.cacheSlot < EndpointCaches.DEFAULT_SLOTS) {
      Tables now = claimed(state);
      now.prefixes.record(request, salt(model), state.cacheSlot);
    }
  }

  /**
   * Notes that an endpoint has answered a request.
   *
   * @param units input and output
   * @param noted the share of the input that was to be expected, before any doubt in it
   */
  void answered(
      InferenceRequest request,
      String model,
      EndpointState state,
      double units,
      double noted,
      Usage usage) {
    if (state.cacheSlot >= EndpointCaches.DEFAULT_SLOTS) {
      return;
    }
    Tables now = claimed(state);
    if (request.prefixKeyCount() == 0) {
      now.sessions.record(
          sessionKey(request, model),
          state.cacheSlot,
          (int) Math.min(SessionIndex.MAX_UNITS, units));
    }
    if (usage.isCachedInputKnown() && usage.inputUnits() > 0 && noted >= MIN_EVIDENT_SHARE) {
      long before = now.trust.getOpaque(state.cacheSlot);
      float kept = Math.max(0, 1 - (float) noted / TRUST_WINDOW);
      long faded = Evidence.second(before) > TRUST_WINDOW ? Evidence.times(before, kept) : before;
      float reported = (float) usage.cachedInputUnits() / usage.inputUnits();
      now.trust.setOpaque(
          state.cacheSlot, Evidence.plus(faded, Math.min(1, reported), (float) noted));
    }
  }

  /** Keeps the entries of models apart. Texts keep their hash code, so nothing is read here. */
  private long salt(String model) {
    return AffinityKeys.mix(model.hashCode(), seed);
  }

  private long sessionKey(InferenceRequest request, String model) {
    String session = request.session();
    return AffinityKeys.mix(
        (long) session.length() << 32 | (session.hashCode() & 0xffff_ffffL), salt(model));
  }

  private Tables claimed(EndpointState state) {
    Tables now = tables();
    Object cache = state.cache();
    if (now.owners.get(state.cacheSlot) != cache) {
      now.owners.set(state.cacheSlot, cache);
      now.caches.forget(state.cacheSlot);
      now.caches.unlearn(state.cacheSlot);
      now.caches.capacity(state.cacheSlot, blocks(state.memoryBudget()));
      now.trust.set(state.cacheSlot, Evidence.NONE);
    }
    return now;
  }

  private static int blocks(long memoryBudget) {
    return memoryBudget == Endpoint.UNLIMITED_MEMORY
        ? EndpointCaches.UNBOUNDED
        : (int) Math.min(EndpointCaches.UNBOUNDED - 1, memoryBudget / TOKENS_PER_BLOCK);
  }

  private Tables tables() {
    Tables now = tables.get();
    if (now != null) {
      return now;
    }
    tables.compareAndSet(null, new Tables(seed)); // once in the life of a router
    return Objects.requireNonNull(tables.get());
  }

  private double trustIn(EndpointState state) {
    Tables now = tables.get();
    if (now == null
        || state.cacheSlot >= EndpointCaches.DEFAULT_SLOTS
        || now.owners.get(state.cacheSlot) != state.cache()) {
      return 0;
    }
    long evidence = now.trust.getOpaque(state.cacheSlot);
    return Math.min(
        1, (Evidence.first(evidence) + PRIOR_TRUST) / (Evidence.second(evidence) + PRIOR_TRUST));
  }

  /** Where the prefix of a prompt is cached. */
  private final class PrefixWarmth extends PrefixHits implements Warmth {
    @Override
    public void reported(EndpointState state, int note, double cachedShare) {
      teach(tables().caches, state.cacheSlot, cachedShare);
    }

    @Override
    public double notedShare(EndpointState state, int note) {
      return cachedShare(state.cacheSlot, tables().caches);
    }

    @Override
    public double trust(EndpointState state) {
      return trustIn(state);
    }

    @Override
    public int slot(int rank, int note) {
      return rank < holders() ? slot(rank) : NONE;
    }

    @Override
    public double advantage(int note) {
      return advantage(tables().caches);
    }
  }

  /**
   * Where conversations were last held; the note says of each where, how much, and how long ago.
   */
  private final class SessionWarmth implements Warmth {
    // The note: slot (12 bits) | share of the input, in units of 1/511 (9 bits) | age, as the upper
    // bits of a float (11 bits).
    private static final int SLOT_SHIFT = 20;
    private static final int SHARE_SHIFT = 11;
    private static final int SHARE = (1 << (SLOT_SHIFT - SHARE_SHIFT)) - 1;
    private static final int AGE = (1 << SHARE_SHIFT) - 1;
    private static final int AGE_IN_FLOAT = Float.SIZE - 1 - SHARE_SHIFT;

    static int note(int slot, double share, long age) {
      return slot << SLOT_SHIFT
          | (int) (Math.min(1, share) * SHARE + 0.5) << SHARE_SHIFT
          | Float.floatToRawIntBits((float) age) >>> AGE_IN_FLOAT;
    }

    private static double share(int note) {
      return ((note >>> SHARE_SHIFT) & SHARE) * (1.0 / SHARE);
    }

    private static long age(int note) {
      return (long) Float.intBitsToFloat((note & AGE) << AGE_IN_FLOAT);
    }

    @Override
    public double notedShare(EndpointState state, int note) {
      return state.cacheSlot == slot(0, note) ? advantage(note) : 0;
    }

    @Override
    public void reported(EndpointState state, int note, double cachedShare) {
      double share = share(note);
      if (state.cacheSlot == slot(0, note) && share >= MIN_EVIDENT_SHARE) {
        caches().learn(state.cacheSlot, age(note), Math.min(1, cachedShare / share));
      }
    }

    @Override
    public double trust(EndpointState state) {
      return trustIn(state);
    }

    @Override
    public int slot(int rank, int note) {
      return rank == 0 ? note >>> SLOT_SHIFT : NONE;
    }

    @Override
    public double advantage(int note) {
      return share(note) * caches().kept(slot(0, note), age(note));
    }

    private EndpointCaches caches() {
      return tables().caches;
    }
  }
}
