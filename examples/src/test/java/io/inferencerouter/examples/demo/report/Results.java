package io.inferencerouter.examples.demo.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Results with made-up numbers. */
final class Results {
  private Results() {}

  /** Of 100 requests, of which all took as long as stated. */
  static PolicyResult of(String policy, double seconds, int errors, int lost) {
    return of(policy, seconds, 0, errors, lost);
  }

  /** Of 100 requests, during which endpoints failed and the router did something about it. */
  static PolicyResult withReaction(String policy, Reaction reaction, int errors, int lost) {
    return of(policy, 1, 0, errors, lost, Optional.of(reaction));
  }

  /** Of 100 streams of ten tokens each, the first of which came as late as stated. */
  static PolicyResult streamed(String policy, double seconds, double firstSeconds) {
    return of(policy, seconds, Math.round(firstSeconds * 1e9), 0, 0);
  }

  private static PolicyResult of(
      String policy, double seconds, long firstNanos, int errors, int lost) {
    return of(policy, seconds, firstNanos, errors, lost, Optional.empty());
  }

  private static PolicyResult of(
      String policy,
      double seconds,
      long firstNanos,
      int errors,
      int lost,
      Optional<Reaction> reaction) {
    Map<String, Double> busy = new LinkedHashMap<>();
    busy.put("fast", 0.25);
    busy.put("slow", 0.755);
    long nanos = Math.round(seconds * 1e9);
    return new PolicyResult(
        policy,
        100,
        errors,
        lost,
        12.34,
        Latencies.of(LongStream.generate(() -> nanos).limit(100 - errors - lost)),
        Latencies.of(LongStream.generate(() -> firstNanos).limit(firstNanos == 0 ? 0 : 100)),
        Latencies.of(LongStream.generate(() -> 20_000_000).limit(firstNanos == 0 ? 0 : 900)),
        new Utilisation(busy),
        Latencies.of(LongStream.of(2000)),
        0.5,
        0,
        reaction);
  }
}
