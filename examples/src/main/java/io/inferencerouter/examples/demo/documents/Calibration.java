package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.examples.embedding.MiniLm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * How long this machine takes for one token with one processor: the unit in which the servers'
 * slow-downs are stated.
 *
 * @param nanosPerToken measured nanoseconds per token, above zero
 */
record Calibration(double nanosPerToken) {
  private static final int PASSES = 12;

  /** Checks the range. */
  public Calibration {
    if (!(nanosPerToken > 0) || Double.isInfinite(nanosPerToken)) {
      throw new IllegalArgumentException(
          "nanosPerToken: " + nanosPerToken + " (expected: a number above zero)");
    }
  }

  /**
   * Measures with the given pages: first as often as fits into the warm-up, so that the JVM has
   * compiled what runs, then in {@value #PASSES} passes. Of each page the fastest pass counts: what
   * else the machine does can only slow it down.
   *
   * @param engine the model
   * @param pages what to compute, at least one page
   * @param warmUp how long to run before measuring
   * @throws IOException if the model cannot be run
   * @throws InterruptedException if the thread is interrupted
   */
  public static Calibration measure(MiniLm engine, List<String> pages, Duration warmUp)
      throws IOException, InterruptedException {
    long warmUntil = System.nanoTime() + warmUp.toNanos();
    do {
      for (String page : pages) {
        engine.embed(page);
      }
    } while (System.nanoTime() < warmUntil);
    long nanos = 0;
    long tokens = 0;
    for (String page : pages) {
      nanos += fastest(engine, page);
      tokens += engine.tokens(page);
    }
    return new Calibration((double) nanos / tokens);
  }

  /** This unit, or the given one if that is shorter. */
  public Calibration atMost(double maxNanosPerToken) {
    return new Calibration(Math.min(nanosPerToken, maxNanosPerToken));
  }

  /** The time that one processor of this machine needs for so many tokens. */
  public Duration nominal(int tokens) {
    return Duration.ofNanos(Math.round(nanosPerToken * tokens));
  }

  private static long fastest(MiniLm engine, String page) throws IOException, InterruptedException {
    long fastest = Long.MAX_VALUE;
    for (int pass = 0; pass < PASSES; pass++) {
      long start = System.nanoTime();
      engine.embed(page);
      fastest = Math.min(fastest, System.nanoTime() - start);
    }
    return fastest;
  }
}
