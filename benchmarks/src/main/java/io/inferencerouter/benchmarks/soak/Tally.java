package io.inferencerouter.benchmarks.soak;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.Outcome;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.RouterListener;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** What became of the requests, as their callers and as the router saw it. */
final class Tally implements RouterListener {
  private static final Optional<Outcome.Progress> RECEIVED = Optional.of(Outcome.Progress.RECEIVED);

  /** Calls of callers that were answered. */
  final LongAdder answered = new LongAdder();

  /** Answers that broke off after they had begun. */
  final LongAdder cut = new LongAdder();

  /** Calls that their callers gave up. */
  final LongAdder cancelled = new LongAdder();

  /** Calls that failed. */
  final LongAdder failed = new LongAdder();

  /** Of those, calls that are safe to be made again, and were not given up. */
  final LongAdder failedSafe = new LongAdder();

  final LongAdder retried = new LongAdder();
  final LongAdder ejections = new LongAdder();

  /** Requests that are safe to be made again, and for which a limit was reached. */
  final LongAdder limited = new LongAdder();

  /** Requests that are safe to be made again, and were taken for unsafe though unanswered. */
  final LongAdder misjudged = new LongAdder();

  @Override
  public void attemptRetried(AttemptRetried event) {
    retried.increment();
  }

  @Override
  public void retryRefused(RetryRefused event) {
    if (event.request().idempotent()) {
      boolean received = event.outcome().progress().equals(RECEIVED);
      if (event.reason() != RetryRefused.Reason.UNSAFE) {
        limited.increment();
      } else if (!received) {
        misjudged.increment();
      }
    }
  }

  @Override
  public void requestShed(RequestShed event) {
    if (event.request().idempotent()) {
      limited.increment();
    }
  }

  @Override
  public void endpointEjected(EndpointEjected event) {
    ejections.increment();
  }

  long calls() {
    return answered.sum() + cut.sum() + cancelled.sum() + failed.sum();
  }
}
