package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.experiment.Progress;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Where output goes: results to the one, everything else to the other.
 *
 * @param isTerminal whether somebody looks at it
 */
record Screen(PrintWriter out, PrintWriter err, boolean isTerminal) {
  /** A line beside the results. */
  void note(String line) {
    err.println(line);
    err.flush();
  }

  /** Results. */
  void print(String text) {
    out.print(text);
    out.flush();
  }

  /** Shows progress, on a terminal; to be closed. */
  Bar bar(String task, int runs) {
    return new Bar(isTerminal ? bar(task, "runs", runs) : null);
  }

  private static ProgressBar bar(String task, String unit, int most) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(most)
        .setUnit(" " + unit, 1)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(200)
        .clearDisplayOnFinish()
        .build();
  }

  /** Progress as a bar, or nothing. */
  static final class Bar implements Progress, AutoCloseable {
    private final @Nullable ProgressBar bar;
    private final LongAdder requests = new LongAdder();

    private Bar(@Nullable ProgressBar bar) {
      this.bar = bar;
    }

    @Override
    public void arrived(long more) {
      requests.add(more);
      if (bar != null) {
        bar.setExtraMessage(String.format(Locale.ROOT, "%,d requests", requests.sum()));
      }
    }

    @Override
    public void finished() {
      if (bar != null) {
        bar.step();
      }
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }
}
