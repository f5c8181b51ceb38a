package io.inferencerouter.grpc;

import io.inferencerouter.LoadReport;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.grpc.internal.concurrent.Steps;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Load reports of one endpoint, out of band, until it is closed. A stream that ends is opened again
 * after a pause, which grows as long as no report comes; where the server does not have the
 * service, it is not.
 *
 * @see EndpointChannels#watchLoad
 */
public final class LoadSubscription implements AutoCloseable {
  /** The first pause before a stream is opened again. */
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(2);

  private final OutOfBand endpoint;
  private final Duration interval;
  private final Consumer<LoadReport> reports;
  private final Scheduler scheduler;
  private final Steps steps = new Steps();

  // Used by steps only.
  private @Nullable LoadWatch stream;
  private Scheduler.@Nullable Cancellation timer;
  private Duration pause = FIRST_PAUSE;
  private volatile boolean closed;

  LoadSubscription(
      OutOfBand endpoint, Duration interval, Scheduler scheduler, Consumer<LoadReport> reports) {
    this.endpoint = endpoint;
    this.interval = interval;
    this.scheduler = scheduler;
    this.reports = reports;
  }

  void open() {
    steps.run(
        () -> {
          if (closed) {
            return;
          }
          try {
            stream = endpoint.watchLoad(interval, this::reported, this::ended);
          } catch (RuntimeException e) {
            ended(true); // the channel could not be made, this time
            return;
          }
          if (stream == null) {
            closed = true;
          }
        });
  }

  private void reported(LoadReport report) {
    steps.run(() -> pause = FIRST_PAUSE);
    if (!closed) {
      reports.accept(report);
    }
  }

  private void ended(boolean again) {
    steps.run(
        () -> {
          stream = null;
          if (closed || !again) {
            closed = true;
            return;
          }
          Duration wait = pause;
          pause =
              wait.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                  ? wait.multipliedBy(2)
                  : LONGEST_PAUSE;
          try {
            timer = scheduler.schedule(wait, this::open);
          } catch (RejectedExecutionException e) {
            closed = true;
          }
        });
  }

  /** Whether no more reports will come. */
  public boolean isClosed() {
    return closed;
  }

  /** Ends the subscription. Closing twice is harmless. */
  @Override
  public void close() {
    closed = true;
    steps.run(
        () -> {
          LoadWatch current = stream;
          if (current != null) {
            current.cancel();
          }
          if (timer != null) {
            timer.cancel();
          }
        });
  }
}
