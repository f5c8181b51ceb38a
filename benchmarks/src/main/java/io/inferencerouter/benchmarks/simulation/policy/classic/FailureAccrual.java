package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import java.util.Arrays;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/**
 * Leaves an endpoint alone after failures in a row, then lets one request try it: its answer brings
 * the endpoint back, its failure sends it away for longer. The default of three projects has this
 * shape; they differ in what counts and for how long.
 *
 * <p>A request that can never run there is nobody's failure.
 */
final class FailureAccrual implements Avoidance {
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long UP = Long.MIN_VALUE;

  private final int threshold;
  private final ToIntFunction<Failure> weight;
  private final double firstSeconds;
  private final double growth;
  private final double longestSeconds;
  private final double jitter;
  private final RandomGenerator random;

  private int down;
  private int[] failures = new int[0];
  private int[] rounds = new int[0];
  private long[] downUntil = new long[0];
  private boolean[] trying = new boolean[0];

  private FailureAccrual(
      int threshold,
      ToIntFunction<Failure> weight,
      double firstSeconds,
      double growth,
      double longestSeconds,
      double jitter,
      RandomGenerator random) {
    this.threshold = threshold;
    this.weight = weight;
    this.firstSeconds = firstSeconds;
    this.growth = growth;
    this.longestSeconds = longestSeconds;
    this.jitter = jitter;
    this.random = random;
  }

  /**
   * As nginx does by default (max_fails=1, fail_timeout=10s, proxy_next_upstream error timeout):
   * one broken or refused connection, 10 seconds. An error that arrives as an answer does not
   * count.
   */
  static FailureAccrual nginx(RandomGenerator random) {
    return new FailureAccrual(1, FailureAccrual::ofConnection, 10, 1, 10, 0, random);
  }

  /**
   * As Finagle's FailureAccrualFactory does by default: five failures in a row, 5 to 300 seconds,
   * doubling, equally jittered.
   */
  static FailureAccrual finagle(RandomGenerator random) {
    return new FailureAccrual(5, FailureAccrual::any, 5, 2, 300, 0.5, random);
  }

  /**
   * As a gRPC channel does whose connection broke or was refused (doc/connection-backoff.md): 1
   * second, growing by 1.6 up to 120, jittered by a fifth.
   */
  static FailureAccrual grpc(RandomGenerator random) {
    return new FailureAccrual(1, FailureAccrual::ofConnection, 1, 1.6, 120, 0.2, random);
  }

  /** As {@link #grpc}, and also after five errors in a row. */
  static FailureAccrual grpcWithErrors(RandomGenerator random) {
    return new FailureAccrual(
        5, failure -> ofConnection(failure) > 0 ? 5 : any(failure), 1, 1.6, 120, 0.2, random);
  }

  private static int any(Failure failure) {
    return failure == Failure.IMPOSSIBLE ? 0 : 1;
  }

  private static int ofConnection(Failure failure) {
    return failure == Failure.REFUSED || failure == Failure.RESET ? 1 : 0;
  }

  @Override
  public void ensure(int indices) {
    int before = failures.length;
    if (indices > before) {
      failures = Arrays.copyOf(failures, indices);
      rounds = Arrays.copyOf(rounds, indices);
      trying = Arrays.copyOf(trying, indices);
      downUntil = Arrays.copyOf(downUntil, indices);
      Arrays.fill(downUntil, before, indices, UP);
    }
  }

  @Override
  public boolean isActive(long now) {
    return down > 0;
  }

  @Override
  public boolean isAvoided(int index, long now) {
    return isDown(index) && (now < downUntil[index] || trying[index]);
  }

  @Override
  public void sent(int index) {
    if (isDown(index)) {
      trying[index] = true;
    }
  }

  @Override
  public void answered(int index) {
    if (trying[index]) {
      forget(index);
    }
  }

  @Override
  public void succeeded(int index, long now) {
    if (trying[index]) {
      forget(index);
    } else if (!isDown(index)) {
      failures[index] = 0;
    }
  }

  @Override
  public void failed(int index, Failure failure, long now) {
    boolean wasTrying = trying[index];
    trying[index] = false;
    int counted = weight.applyAsInt(failure);
    if (counted == 0 || (isDown(index) && !wasTrying)) {
      return;
    }
    failures[index] += counted;
    if (failures[index] < threshold) {
      return;
    }
    if (!isDown(index)) {
      down++;
    }
    double seconds = Math.min(longestSeconds, firstSeconds * StrictMath.pow(growth, rounds[index]));
    rounds[index]++;
    double spread = jitter == 0 ? 1 : 1 + jitter * (2 * random.nextDouble() - 1);
    downUntil[index] = now + Math.round(seconds * spread * NANOS_PER_SECOND);
  }

  @Override
  public void cancelled(int index) {
    trying[index] = false;
  }

  @Override
  public void forget(int index) {
    if (isDown(index)) {
      down--;
    }
    downUntil[index] = UP;
    failures[index] = 0;
    rounds[index] = 0;
    trying[index] = false;
  }

  private boolean isDown(int index) {
    return downUntil[index] != UP;
  }
}
