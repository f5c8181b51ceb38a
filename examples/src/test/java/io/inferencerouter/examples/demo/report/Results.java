package io.inferencerouter.examples.demo.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;

/** Results with made-up numbers. */
final class Results {
  private Results() {}

  /** Of 100 requests, of which all took as long as stated. */
  static PolicyResult of(String policy, double seconds, int errors, int lost) {
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
        new Utilisation(busy),
        Latencies.of(LongStream.of(2000)),
        0.5,
        0);
  }
}
