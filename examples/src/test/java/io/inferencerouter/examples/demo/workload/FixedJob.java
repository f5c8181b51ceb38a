package io.inferencerouter.examples.demo.workload;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A job whose body is its kind, and to which every answer is right. */
public record FixedJob(
    int number, String kind, int inputTokens, int outputTokens, long arrivalNanos) implements Job {
  /** A job of no particular size. */
  static FixedJob at(int number, long arrivalNanos) {
    return new FixedJob(number, "fixed", 10, 0, arrivalNanos);
  }

  @Override
  public byte[] body() {
    return kind.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Optional<String> problem(Answer answer) {
    return Optional.empty();
  }
}
