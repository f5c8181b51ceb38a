package io.inferencerouter.benchmarks.soak;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.Outcome;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.RouterListener;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What became of the requests, as their callers and as the router saw it. */
final class Tally implements RouterListener {
  private static final int MAX_REASONS = 200;

  /** Longer ones name endpoints and numbers, and so are all different. */
  private static final int REASON_CHARACTERS = 60;

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

  /** Why those failed, and how many for each reason. */
  private final Map<String, LongAdder> reasons = new ConcurrentHashMap<>();

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

  /** Counts a call that has failed. */
  void failed(boolean isSafe, Supplier<String> reason) {
    failed.increment();
    if (isSafe) {
      failedSafe.increment();
      String said = reason.get();
      String kind = said.substring(0, Math.min(REASON_CHARACTERS, said.length()));
      if (reasons.size() < MAX_REASONS || reasons.containsKey(kind)) {
        reasons.computeIfAbsent(kind, unused -> new LongAdder()).increment();
      }
    }
  }

  /** Why safe calls have failed, and how often, the rarest first. */
  String reasons() {
    return reasons.entrySet().stream()
        .sorted(Comparator.comparingLong(each -> each.getValue().sum()))
        .map(each -> each.getValue() + " x " + each.getKey())
        .collect(Collectors.joining("; "));
  }

  long calls() {
    return answered.sum() + cut.sum() + cancelled.sum() + failed.sum();
  }
}
