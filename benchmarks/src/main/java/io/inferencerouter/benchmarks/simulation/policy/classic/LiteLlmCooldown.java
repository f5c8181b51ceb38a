package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import java.util.Arrays;

/**
 * LiteLLM's cooldown with its defaults (litellm/router_utils/cooldown_handlers.py): a deployment of
 * which more than half of the requests of this minute failed, and at least two were made, is left
 * alone for 5 seconds.
 */
final class LiteLlmCooldown implements Avoidance {
  private static final long MINUTE_NANOS = 60_000_000_000L;
  private static final long COOLDOWN_NANOS = 5_000_000_000L;

  private long activeUntil;
  private long[] coolUntil = new long[0];
  private long[] minute = new long[0];
  private int[] successes = new int[0];
  private int[] failures = new int[0];

  @Override
  public void ensure(int indices) {
    if (indices > minute.length) {
      coolUntil = Arrays.copyOf(coolUntil, indices);
      minute = Arrays.copyOf(minute, indices);
      successes = Arrays.copyOf(successes, indices);
      failures = Arrays.copyOf(failures, indices);
    }
  }

  @Override
  public boolean isActive(long now) {
    return now < activeUntil;
  }

  @Override
  public boolean isAvoided(int index, long now) {
    return now < coolUntil[index];
  }

  @Override
  public void succeeded(int index, long now) {
    turn(index, now);
    successes[index]++;
  }

  @Override
  public void failed(int index, Failure failure, long now) {
    if (failure == Failure.IMPOSSIBLE) {
      return;
    }
    turn(index, now);
    failures[index]++;
    int made = successes[index] + failures[index];
    if (made > 1 && 2 * failures[index] > made) {
      coolUntil[index] = now + COOLDOWN_NANOS;
      activeUntil = coolUntil[index];
    }
  }

  @Override
  public void forget(int index) {
    coolUntil[index] = 0;
    successes[index] = 0;
    failures[index] = 0;
  }

  private void turn(int index, long now) {
    long current = now / MINUTE_NANOS;
    if (minute[index] != current) {
      minute[index] = current;
      successes[index] = 0;
      failures[index] = 0;
    }
  }
}
