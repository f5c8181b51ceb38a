package io.inferencerouter.examples.demo.report;

import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicInteger;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how far a task has come: as a bar on a terminal, as a line for every quarter otherwise.
 * Safe for use by many threads.
 */
public interface Progress extends AutoCloseable {
  /** Says that one more step is done. */
  void step();

  @Override
  void close();

  /**
   * Shows a bar that redraws itself on the error stream, so that it is no part of the result.
   *
   * @param task what is done
   * @param steps how many steps it takes
   */
  static Progress bar(String task, int steps) {
    ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200)
            .setConsumer(new ConsoleProgressBarConsumer(System.err))
            .build();
    return new Progress() {
      @Override
      public void step() {
        bar.step();
      }

      @Override
      public void close() {
        bar.close();
      }
    };
  }

  /**
   * Prints a line for every quarter.
   *
   * @param task what is done
   * @param steps how many steps it takes
   * @param out where to
   */
  static Progress lines(String task, int steps, PrintWriter out) {
    AtomicInteger done = new AtomicInteger();
    return new Progress() {
      @Override
      public void step() {
        int now = done.incrementAndGet();
        if (now * 4 / steps > (now - 1) * 4 / steps) {
          out.println(task + ": " + now + " of " + steps);
          out.flush();
        }
      }

      @Override
      public void close() {
        out.flush();
      }
    };
  }
}
