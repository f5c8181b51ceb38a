package io.inferencerouter.core.testing;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.AttemptStalled;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.LeaseReclaimed;
import io.inferencerouter.Outcome;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.RouterListener;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What the router's listener hears, for tests that wait for it while other threads run. */
public final class Observed implements RouterListener {
  public final BlockingQueue<Lease> acquired = new LinkedBlockingQueue<>();
  public final BlockingQueue<InferenceRequest> queued = new LinkedBlockingQueue<>();
  public final BlockingQueue<Lease> firstTokens = new LinkedBlockingQueue<>();
  public final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  public final BlockingQueue<RequestShed> shed = new LinkedBlockingQueue<>();
  public final BlockingQueue<AttemptRetried> retried = new LinkedBlockingQueue<>();
  public final BlockingQueue<RetryRefused> refused = new LinkedBlockingQueue<>();
  public final BlockingQueue<AttemptStalled> stalled = new LinkedBlockingQueue<>();
  public final BlockingQueue<LeaseReclaimed> reclaimed = new LinkedBlockingQueue<>();
  public final BlockingQueue<EndpointEjected> ejected = new LinkedBlockingQueue<>();
  public final AtomicInteger granted = new AtomicInteger();
  public final AtomicInteger completed = new AtomicInteger();
  private final Set<Lease> ignored = ConcurrentHashMap.newKeySet();

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
  public void retryRefused(RetryRefused event) {
    refused.add(event);
  }

  @Override
  public void attemptStalled(AttemptStalled event) {
    stalled.add(event);
  }

  @Override
  public void leaseReclaimed(LeaseReclaimed event) {
    reclaimed.add(event);
  }

  @Override
  public void endpointEjected(EndpointEjected event) {
    ejected.add(event);
  }

  /** Leaves the outcome of a lease out. */
  public void ignore(Lease lease) {
    ignored.add(lease);
  }

  /** Whether no lease is out. */
  public boolean everyLeaseHasEnded() {
    return completed.get() == granted.get();
  }

  /** Waits for a request to be queued. */
  public void awaitQueued() throws InterruptedException {
    Waiting.take(queued, "a request to be queued");
  }

  /** The outcome of the next lease that ends. */
  public Outcome outcome() throws InterruptedException {
    return Waiting.take(outcomes, "a lease to end");
  }

  /** The next attempt that follows another. */
  public AttemptRetried retried() throws InterruptedException {
    return Waiting.take(retried, "another attempt");
  }

  /** Why the next attempt that was not made was not. */
  public RetryRefused.Reason refused() throws InterruptedException {
    return Waiting.take(refused, "another attempt to be refused").reason();
  }

  /** The next attempt that does not get on. */
  public AttemptStalled stalled() throws InterruptedException {
    return Waiting.take(stalled, "a stall");
  }

  /** The next lease that counts as lost. */
  public LeaseReclaimed reclaimed() throws InterruptedException {
    return Waiting.take(reclaimed, "the lease to be reclaimed");
  }
}
