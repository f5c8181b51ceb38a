package io.inferencerouter.core.internal.execution;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The endpoints that a request has been sent to, by id, and until when each is to be left alone.
 * Immutable.
 */
public final class Tried {
  /** None. */
  public static final Tried NONE = new Tried(Map.of());

  private final Map<String, Long> restsUntil;

  private Tried(Map<String, Long> restsUntil) {
    this.restsUntil = restsUntil;
  }

  /** With one more; the longer rest of two counts. */
  Tried with(String id, long untilNanos) {
    Map<String, Long> all = new LinkedHashMap<>(restsUntil);
    all.merge(id, untilNanos, (a, b) -> a - b > 0 ? a : b);
    return new Tried(all);
  }

  /** Their ids. */
  public Set<String> ids() {
    return restsUntil.keySet();
  }

  /** How long it takes until one of them need not be left alone any more; not negative. */
  long restNanos(long nowNanos) {
    return restsUntil.values().stream().mapToLong(until -> rest(until, nowNanos)).min().orElse(0);
  }

  private static long rest(long untilNanos, long nowNanos) {
    return Math.max(0, untilNanos - nowNanos);
  }

  /**
   * The endpoints that the next attempt must not use: all that were tried; if there are no others,
   * those that are to be left alone; if there are no others then either, none.
   *
   * @param leavesSome whether there are endpoints besides these
   */
  public Set<String> excluded(long nowNanos, Predicate<Set<String>> leavesSome) {
    if (restsUntil.isEmpty() || leavesSome.test(restsUntil.keySet())) {
      return restsUntil.keySet();
    }
    Set<String> resting =
        restsUntil.entrySet().stream()
            .filter(tried -> rest(tried.getValue(), nowNanos) > 0)
            .map(Map.Entry::getKey)
            .collect(Collectors.toUnmodifiableSet());
    return !resting.isEmpty() && leavesSome.test(resting) ? resting : Set.of();
  }
}
