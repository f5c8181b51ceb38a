package io.inferencerouter.core.internal.admission;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.internal.concurrent.SerialLoop;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The requests that found all slots taken: bounded, by priority tier and within a tier in the order
 * of arrival.
 *
 * <h2>Who owns a waiter</h2>
 *
 * <p>A waiter leaves the queue once, by whoever removes it from the set: the thread that serves it,
 * its time-out, its caller who cancels, a more urgent arrival, or the closing of the router. Only
 * the one that removed it may decide what becomes of it. A lease that was acquired for a waiter who
 * has left meanwhile is returned.
 *
 * <h2>No lost wake-up</h2>
 *
 * <p>A waiter joins first and tries to enter afterwards; a lease is released first and looks at the
 * queue afterwards. Both steps are sequentially consistent, so one of the two sees the other.
 * Serving is done by one thread at a time, in a {@link SerialLoop}, which keeps the order without a
 * lock.
 */
public final class WaitQueue {
  /** Tries to route a waiting request. */
  public interface Entrance {
    /** The lease; null if there is no slot for it now. */
    @Nullable Lease tryEnter(InferenceRequest request);
  }

  /** Makes the exceptions with which requests leave unserved. */
  public interface Refusals {
    /** No room in the queue. */
    InferenceRouterException queueFull(InferenceRequest request);

    /** Waited too long. */
    InferenceRouterException timedOut(InferenceRequest request, Duration waited);

    /** The router was closed. */
    InferenceRouterException closed(InferenceRequest request);

    /** The executor or scheduler did not take a task. */
    void taskRejected(RejectedExecutionException failure);
  }

  /**
   * What decides which endpoints a request may go to. If one of two alike finds no slot, the other
   * will not either; and if it is memory that it does not find, a smaller one must not overtake it,
   * or it would wait for ever. An attempt is kept from the endpoints that were tried before.
   */
  private record Destination(
      Set<String> tried,
      String model,
      String version,
      Set<String> regions,
      List<String> fallbacks) {
    static Destination of(Waiter waiter) {
      InferenceRequest request = waiter.request;
      return new Destination(
          waiter.tried,
          request.model(),
          request.modelVersion(),
          request.allowedRegions(),
          request.fallbackModels());
    }
  }

  private final int capacity;
  private final Refusals refusals;
  private final Scheduler scheduler;
  private final ConcurrentSkipListSet<Waiter> waiters = new ConcurrentSkipListSet<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicLong arrivals = new AtomicLong();
  private final SerialLoop serving = new SerialLoop(this::serveAll);
  private volatile boolean closed;

  /** Creates an empty queue. */
  public WaitQueue(int capacity, Refusals refusals, Scheduler scheduler) {
    this.capacity = capacity;
    this.refusals = refusals;
    this.scheduler = scheduler;
  }

  /** How many wait. */
  public int size() {
    return size.get();
  }

  /** Whether anybody may join without displacing somebody. */
  public boolean hasRoom() {
    return size.get() < capacity;
  }

  /**
   * Joins the queue.
   *
   * @param tried the endpoints, by id, to which the entrance does not let the request, as long as
   *     there are others
   * @param executor completes the future
   */
  public CompletableFuture<Lease> join(
      InferenceRequest request,
      Set<String> tried,
      Entrance entrance,
      Duration maxWait,
      Executor executor) {
    Waiter waiter = new Waiter(request, tried, entrance, arrivals.getAndIncrement(), executor);
    if (size.incrementAndGet() > capacity && !displaceLessUrgent(waiter)) {
      size.decrementAndGet();
      return CompletableFuture.failedFuture(refusals.queueFull(request));
    }
    waiters.add(waiter);
    // Whatever completes the future early, a cancel or a time-out of the caller's own, ends the
    // wait.
    CompletableFuture<?> unused = waiter.whenComplete((lease, failure) -> remove(waiter));
    if (closed) {
      refuse(waiter, refusals.closed(request));
      return waiter;
    }
    try {
      waiter.timeout(
          scheduler.schedule(maxWait, () -> refuse(waiter, refusals.timedOut(request, maxWait))));
    } catch (RejectedExecutionException e) {
      refusals.taskRejected(e);
      refuse(waiter, refusals.timedOut(request, Duration.ZERO));
    }
    serve();
    return waiter;
  }

  /** Serves those that can be served. To be called whenever a slot may have come free. */
  public void serve() {
    if (size.get() != 0) {
      serving.run();
    }
  }

  private void serveAll() {
    // Picks read endpoints plainly; what was released before this run must be seen by it.
    VarHandle.fullFence();
    Set<Destination> full = new HashSet<>();
    for (Waiter waiter : waiters) {
      Destination destination = Destination.of(waiter);
      if (full.contains(destination)) {
        continue;
      }
      Lease lease = waiter.entrance.tryEnter(waiter.request);
      if (lease == null) {
        full.add(destination);
      } else if (remove(waiter)) {
        grant(waiter, lease);
      } else {
        lease.close();
      }
    }
  }

  private void grant(Waiter waiter, Lease lease) {
    try {
      waiter.executor.execute(
          () -> {
            if (!waiter.complete(lease)) {
              lease.close();
            }
          });
    } catch (Throwable e) { // an executor is the user's, and may throw anything
      refusals.taskRejected(rejection(e));
      waiter.completeExceptionally(e);
      if (waiter.isCompletedExceptionally()) {
        lease.close(); // otherwise it was handed over before that
      }
    }
  }

  private static RejectedExecutionException rejection(Throwable thrown) {
    return thrown instanceof RejectedExecutionException rejected
        ? rejected
        : new RejectedExecutionException("the executor threw", thrown);
  }

  private void refuse(Waiter waiter, InferenceRouterException reason) {
    if (remove(waiter)) {
      try {
        waiter.executor.execute(() -> waiter.completeExceptionally(reason));
      } catch (Throwable e) {
        refusals.taskRejected(rejection(e));
        waiter.completeExceptionally(reason);
      }
    }
  }

  /** Makes room for a waiter by refusing the last of a lower tier. */
  private boolean displaceLessUrgent(Waiter urgent) {
    Iterator<Waiter> fromTheEnd = waiters.descendingIterator();
    if (!fromTheEnd.hasNext()) {
      return false;
    }
    Waiter last = fromTheEnd.next();
    if (last.request.priority().compareTo(urgent.request.priority()) <= 0) {
      return false;
    }
    refuse(last, refusals.queueFull(last.request));
    return true; // whoever removed it, there is room now
  }

  private boolean remove(Waiter waiter) {
    if (!waiters.remove(waiter)) {
      return false;
    }
    size.decrementAndGet();
    waiter.left();
    return true;
  }

  /** Refuses everybody, now and from now on. */
  public void close() {
    closed = true;
    for (Waiter waiter : waiters) {
      refuse(waiter, refusals.closed(waiter.request));
    }
  }
}
