package io.inferencerouter.examples.demo;

import io.inferencerouter.AsyncAttempt;
import io.inferencerouter.Attempt;
import io.inferencerouter.Attempts;
import io.inferencerouter.AttemptsExhaustedException;
import io.inferencerouter.Endpoint;
import io.inferencerouter.Explanation;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Route;
import io.inferencerouter.RouterSnapshot;
import io.inferencerouter.examples.demo.report.Latencies;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** A router that records how long each decision takes: the time spent in acquiring a lease. */
final class TimedRouter implements InferenceRouter {
  private final InferenceRouter router;
  private final Latencies decisions = new Latencies();

  TimedRouter(InferenceRouter router) {
    this.router = router;
  }

  Latencies decisions() {
    return decisions;
  }

  @Override
  public Lease acquire(InferenceRequest request) {
    long start = System.nanoTime();
    try {
      return router.acquire(request);
    } finally {
      decisions.record(System.nanoTime() - start);
    }
  }

  @Override
  public CompletableFuture<Lease> acquireAsync(InferenceRequest request) {
    long start = System.nanoTime();
    try {
      return router.acquireAsync(request);
    } finally {
      decisions.record(System.nanoTime() - start);
    }
  }

  @Override
  public Attempts attempts(InferenceRequest request) {
    return timed(router.attempts(request));
  }

  private Attempts timed(Attempts attempts) {
    return new Attempts() {
      @Override
      public InferenceRequest request() {
        return attempts.request();
      }

      @Override
      public int made() {
        return attempts.made();
      }

      @Override
      public boolean isLast() {
        return attempts.isLast();
      }

      @Override
      public CompletableFuture<Lease> next() {
        long start = System.nanoTime();
        try {
          return attempts.next();
        } finally {
          decisions.record(System.nanoTime() - start);
        }
      }

      @Override
      public Lease nextNow() {
        long start = System.nanoTime();
        try {
          return attempts.nextNow();
        } finally {
          decisions.record(System.nanoTime() - start);
        }
      }

      @Override
      public boolean leave(BooleanSupplier givesUp) {
        return attempts.leave(givesUp);
      }

      @Override
      public boolean move(Set<String> avoided, Predicate<Lease> accepts) {
        return attempts.move(avoided, accepts);
      }

      @Override
      public Optional<Duration> retryAfter(Outcome outcome) {
        return attempts.retryAfter(outcome);
      }

      @Override
      public Optional<Attempts> continuation(Outcome outcome, InferenceRequest rest) {
        return attempts.continuation(outcome, rest).map(TimedRouter.this::timed);
      }

      @Override
      public void end() {
        attempts.end();
      }

      @Override
      public Optional<AttemptsExhaustedException> exhausted() {
        return attempts.exhausted();
      }
    };
  }

  @Override
  public Route route(String model) {
    Route route = router.route(model);
    return new Route() {
      @Override
      public String model() {
        return route.model();
      }

      @Override
      public Lease acquire(InferenceRequest request) {
        long start = System.nanoTime();
        try {
          return route.acquire(request);
        } finally {
          decisions.record(System.nanoTime() - start);
        }
      }

      @Override
      public Lease acquire(InferenceRequest request, long nowNanos) {
        long start = System.nanoTime();
        try {
          return route.acquire(request, nowNanos);
        } finally {
          decisions.record(System.nanoTime() - start);
        }
      }
    };
  }

  @Override
  public <T, X extends Exception> T execute(InferenceRequest request, Attempt<T, X> attempt)
      throws X, InterruptedException {
    return router.execute(request, attempt);
  }

  @Override
  public <T> CompletableFuture<T> executeAsync(InferenceRequest request, AsyncAttempt<T> attempt) {
    return router.executeAsync(request, attempt);
  }

  @Override
  public void updateEndpoints(Collection<Endpoint> endpoints) {
    router.updateEndpoints(endpoints);
  }

  @Override
  public CompletableFuture<Void> drain(String endpointId) {
    return router.drain(endpointId);
  }

  @Override
  public CompletableFuture<Void> remove(String endpointId) {
    return router.remove(endpointId);
  }

  @Override
  public void eject(String endpointId, Duration duration) {
    router.eject(endpointId, duration);
  }

  @Override
  public void reinstate(String endpointId) {
    router.reinstate(endpointId);
  }

  @Override
  public RouterSnapshot snapshot() {
    return router.snapshot();
  }

  @Override
  public Explanation explain(InferenceRequest request) {
    return router.explain(request);
  }

  @Override
  public void close() {
    router.close();
  }
}
