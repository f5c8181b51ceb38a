package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.time.EventLoop;

/** An action that comes again at an interval, until it is stopped. */
final class Repeating implements Runnable {
  private final EventLoop loop;
  private final long intervalNanos;
  private final Runnable action;
  private boolean isStopped;

  Repeating(EventLoop loop, long intervalNanos, Runnable action) {
    this.loop = loop;
    this.intervalNanos = intervalNanos;
    this.action = action;
  }

  void stop() {
    isStopped = true;
  }

  @Override
  public void run() {
    if (!isStopped) {
      action.run();
      loop.after(intervalNanos, this);
    }
  }
}
