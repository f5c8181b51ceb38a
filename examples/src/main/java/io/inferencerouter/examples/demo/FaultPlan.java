package io.inferencerouter.examples.demo;

import io.inferencerouter.examples.demo.scenario.FailingServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What befalls the endpoints in each run: halfway one turns slow, until its operator takes it out
 * of service, and another dies and comes back.
 */
final class FaultPlan {
  /** How many times longer the slow one takes. */
  static final int SLOW_DOWN = 4;

  /** When it begins, as a share of the time in which requests arrive. */
  static final double BEGINNING = 0.5;

  /** When the dead one comes back, and the slow one is taken out of service. */
  static final double REPAIR = 0.75;

  private final FailingServer slow;
  private final FailingServer dead;

  /**
   * Creates a plan.
   *
   * @param slow turns slow and is taken out of service, and stays so until the end of the run
   * @param dead dies and comes back
   */
  FaultPlan(FailingServer slow, FailingServer dead) {
    this.slow = slow;
    this.dead = dead;
  }

  /** Says in a sentence what will happen. */
  String description() {
    return String.format(
        "after %.0f %% of the time %s takes %d times longer and %s dies; after %.0f %% %s is taken"
            + " out of service and %s comes back",
        BEGINNING * 100,
        slow.name(),
        SLOW_DOWN,
        dead.name(),
        REPAIR * 100,
        slow.name(),
        dead.name());
  }

  /**
   * Begins a run.
   *
   * @param window the time in which requests arrive, from now
   * @param takeOut takes the endpoint of that name out of service
   */
  UnderWay start(Duration window, Consumer<String> takeOut) {
    return new UnderWay(window.toNanos(), takeOut);
  }

  /** The faults of one run. Closing it makes the endpoints well again. */
  final class UnderWay implements AutoCloseable {
    private final ScheduledThreadPoolExecutor thread =
        new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "demo-faults"));
    private final List<Future<?>> faults = new ArrayList<>();

    private UnderWay(long windowNanos, Consumer<String> takeOut) {
      faults.add(
          thread.schedule(
              () -> {
                slow.slowDown(SLOW_DOWN);
                dead.kill();
              },
              (long) (BEGINNING * windowNanos),
              TimeUnit.NANOSECONDS));
      faults.add(
          thread.schedule(
              () -> {
                takeOut.accept(slow.name());
                dead.restart();
                return null;
              },
              (long) (REPAIR * windowNanos),
              TimeUnit.NANOSECONDS));
    }

    /**
     * Ends the faults.
     *
     * @throws IOException if one of them could not be brought about, or not be undone
     */
    @Override
    public void close() throws IOException {
      thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
      thread.shutdown();
      try {
        if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
          throw new IOException("faults: still being brought about (expected: done)");
        }
        for (Future<?> fault : faults) {
          check(fault);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        slow.slowDown(1);
        dead.restart();
      }
    }

    private static void check(Future<?> fault) throws IOException, InterruptedException {
      try {
        fault.get();
      } catch (ExecutionException e) {
        throw new IOException("a fault could not be brought about", e.getCause());
      } catch (CancellationException early) {
        throw new IOException(
            "the run was over before its faults (expected: more requests)", early);
      }
    }
  }
}
