package io.inferencerouter.core.testing;

import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * An endpoint in virtual time that reads first: it reads one prompt after the other, and while it
 * reads, those that generate stand still. For one thread.
 */
public final class PrefillFirstGpu {
  private record Prompt(Lease lease, long input, long output) {}

  private final VirtualTime time;
  private final double inputRate;
  private final double outputRate;
  private final Queue<Prompt> prompts = new ArrayDeque<>();
  private boolean reading;

  /** The time that all prompts take to read which it has begun with, in nanoseconds. */
  private long readNanos;

  /** A GPU of that speed, in tokens per second. */
  public PrefillFirstGpu(VirtualTime time, double inputRate, double outputRate) {
    this.time = time;
    this.inputRate = inputRate;
    this.outputRate = outputRate;
  }

  /** Serves a request, and completes its lease in time. */
  public void serve(Lease lease, long input, long output) {
    prompts.add(new Prompt(lease, input, output));
    if (!reading) {
      readNext();
    }
  }

  private void readNext() {
    Prompt prompt = prompts.poll();
    reading = prompt != null;
    if (prompt == null) {
      return;
    }
    long nanos = nanos(prompt.input() / inputRate);
    readNanos += nanos;
    time.schedule(
        Duration.ofNanos(nanos),
        () -> {
          prompt.lease().firstToken();
          generate(prompt, nanos(prompt.output() / outputRate));
          readNext();
        });
  }

  /** Ends when it has generated for so long, apart from the prompts that are read meanwhile. */
  private void generate(Prompt prompt, long nanos) {
    long before = readNanos;
    time.schedule(
        Duration.ofNanos(nanos),
        () -> {
          if (readNanos > before) {
            generate(prompt, readNanos - before);
          } else {
            prompt
                .lease()
                .complete(Outcome.success().withUsage(Usage.of(prompt.input(), prompt.output())));
          }
        });
  }

  private static long nanos(double seconds) {
    return Math.round(seconds * 1e9);
  }
}
