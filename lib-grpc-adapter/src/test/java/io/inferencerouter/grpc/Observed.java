package io.inferencerouter.grpc;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.AttemptStalled;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.RouterListener;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What the router's listener hears. */
final class Observed implements RouterListener {
  final BlockingQueue<Lease> acquired = new LinkedBlockingQueue<>();
  final BlockingQueue<InferenceRequest> queued = new LinkedBlockingQueue<>();
  final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  final BlockingQueue<RequestShed> shed = new LinkedBlockingQueue<>();
  final BlockingQueue<AttemptRetried> retried = new LinkedBlockingQueue<>();
  final BlockingQueue<AttemptStalled> stalled = new LinkedBlockingQueue<>();
  final BlockingQueue<RetryRefused> refused = new LinkedBlockingQueue<>();
  final BlockingQueue<Lease> firstTokens = new LinkedBlockingQueue<>();
  private final Set<Lease> ignored = ConcurrentHashMap.newKeySet();
  final AtomicInteger granted = new AtomicInteger();
  final AtomicInteger completed = new AtomicInteger();

  @Override
  public void requestQueued(InferenceRequest request) {
    queued.add(request);
  }

  @Override
  public void leaseAcquired(Lease lease) {
    granted.incrementAndGet();
    acquired.add(lease);
  }

  @Override
  public void firstToken(Lease lease, long elapsedNanos) {
    firstTokens.add(lease);
  }

  @Override
  public void leaseCompleted(Lease lease, Outcome outcome, long elapsedNanos) {
    completed.incrementAndGet();
    if (!ignored.contains(lease)) {
      outcomes.add(outcome);
    }
  }

  @Override
  public void requestShed(RequestShed event) {
    shed.add(event);
  }

  @Override
  public void attemptRetried(AttemptRetried event) {
    retried.add(event);
  }

  @Override
  public void attemptStalled(AttemptStalled event) {
    stalled.add(event);
  }

  @Override
  public void retryRefused(RetryRefused event) {
    refused.add(event);
  }

  AttemptRetried retried() throws InterruptedException {
    return Waiting.take(retried, "another attempt");
  }

  RetryRefused.Reason refused() throws InterruptedException {
    return Waiting.take(refused, "another attempt to be refused").reason();
  }

  boolean everyLeaseHasEnded() {
    return completed.get() == granted.get();
  }

  /** Leaves the outcome of a lease out. */
  void ignore(Lease lease) {
    ignored.add(lease);
  }

  /** The outcome of the next lease that ends. */
  Outcome outcome() throws InterruptedException {
    return Waiting.take(outcomes, "a lease to end");
  }

  void awaitQueued() throws InterruptedException {
    Waiting.take(queued, "a request to be queued");
  }
}
