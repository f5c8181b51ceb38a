package io.inferencerouter.core.testing;

import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import java.time.Duration;

/**
 * An endpoint in virtual time: it reads one prompt after the other, in time that goes with their
 * size alone unless told otherwise, and generates side by side, more slowly the more there are. For
 * one thread.
 */
public final class VirtualGpu {
  private final VirtualTime time;
  private final double concurrencyPenalty;
  private double secondsPerInput;
  private double secondsPerOutput;
  private double inputGrowth;
  private double freeAt;
  private int decoding;
  private double inputServed;
  private long served;

  /** A GPU of that speed, in tokens per second. */
  public VirtualGpu(VirtualTime time, double inputRate, double outputRate, double penalty) {
    this.time = time;
    this.secondsPerInput = 1 / inputRate;
    this.secondsPerOutput = 1 / outputRate;
    this.concurrencyPenalty = penalty;
  }

  /** Makes it as many times slower for what comes from now on. */
  public void slowDown(double factor) {
    secondsPerInput *= factor;
    secondsPerOutput *= factor;
  }

  /** Has it read {@code n} tokens in the time of {@code n + n² ÷ doubling} short ones. */
  public VirtualGpu withDoublingInput(double doubling) {
    inputGrowth = 1 / doubling;
    return this;
  }

  /** Serves a request, and completes its lease in time. */
  public void serve(Lease lease, long input, long output) {
    double now = time.elapsedSeconds();
    freeAt = Math.max(now, freeAt) + input * (1 + inputGrowth * input) * secondsPerInput;
    time.schedule(seconds(freeAt - now), () -> read(lease, input, output));
  }

  private void read(Lease lease, long input, long output) {
    inputServed += input;
    served++;
    if (output == 0) {
      lease.complete(Outcome.success().withUsage(Usage.of(input, 0)));
      return;
    }
    if (lease.request().streaming()) {
      lease.firstToken();
    }
    double step = secondsPerOutput * (1 + concurrencyPenalty * decoding);
    decoding++;
    time.schedule(
        seconds((output - 1) * step),
        () -> {
          decoding--;
          lease.complete(Outcome.success().withUsage(Usage.of(input, output)));
        });
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos(Math.round(Math.max(0, seconds) * 1e9));
  }

  /** The input that it has read, in tokens. */
  public double inputServed() {
    return inputServed;
  }

  /** How many requests it has read. */
  public long served() {
    return served;
  }
}
