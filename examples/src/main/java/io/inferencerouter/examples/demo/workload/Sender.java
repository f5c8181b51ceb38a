package io.inferencerouter.examples.demo.workload;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * Sends requests to where a router decides, and reads the answers. Closing it gives up the rest.
 */
public interface Sender extends AutoCloseable {
  /** How long an endpoint may be silent. */
  Duration TIMEOUT = Duration.ofSeconds(60);

  /** Makes a request, so that nothing but sending is left to do when it is due. */
  Prepared prepare(Job job);

  @Override
  void close();

  /** A request that is sent once. */
  @FunctionalInterface
  interface Prepared {
    /**
     * Sends the request, without waiting for the answer.
     *
     * @param dueNanos when it was due, on the clock of {@link System#nanoTime()}; latency counts
     *     from then
     * @param receiver gets the answer or the failure, once, on any thread
     */
    void send(long dueNanos, Consumer<Answer> receiver);
  }
}
