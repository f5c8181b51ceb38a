package io.inferencerouter.grpc;

import io.inferencerouter.Endpoint;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls that have a lease, and wait for a stream: for each endpoint in the order in which they
 * came. There are at most as many as the endpoints have slots.
 *
 * <p>When a call ends anywhere, one that waits for that endpoint is told, or else one that waits
 * for another: it may get a lease here. No wake-up is lost, for a call is parked first and looks
 * for a stream afterwards, while a stream is freed first and looked for parked calls afterwards.
 *
 * <p>Who is told stays the first in its queue until it has a stream. So a stream of which two are
 * told, by who has freed it and by who looks from time to time, is not taken by the second one. Who
 * is told and does not wait any more passes it on.
 *
 * <p>Safe for use by many threads.
 */
final class ParkedCalls {
  /** A call that waits for a stream. */
  interface Waiter {
    /** There may be a stream at an endpoint; told once and again, by any thread. */
    void streamFreed(Endpoint at);
  }

  private final ConcurrentHashMap<String, Queue<Waiter>> calls = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();

  /** Parks a call, which has a lease of this endpoint. */
  void park(Waiter call, Endpoint endpoint) {
    calls.computeIfAbsent(endpoint.id(), id -> new ConcurrentLinkedQueue<>()).add(call);
    count.incrementAndGet();
  }

  /** How many are parked. */
  int count() {
    return count.get();
  }

  /** Whether none is parked. */
  boolean isEmpty() {
    return count.get() == 0;
  }

  /** Tells one call that there is a stream at an endpoint. */
  void streamFreedAt(Endpoint endpoint) {
    if (!tellOne(calls.get(endpoint.id()), endpoint)) {
      for (Queue<Waiter> others : calls.values()) {
        if (tellOne(others, endpoint)) {
          return;
        }
      }
    }
  }

  /** Tells calls that wait for other endpoints, as long as there is a stream at this one. */
  void roomAt(Endpoint endpoint, BooleanSupplier hasStream) {
    calls.forEach(
        (id, others) -> {
          boolean told = !id.equals(endpoint.id());
          for (int i = others.size(); i > 0 && told && hasStream.getAsBoolean(); i--) {
            told = tellOne(others, endpoint);
          }
        });
  }

  /** Tells calls that wait for this endpoint, as long as it has a stream. */
  void streamsAt(Endpoint endpoint, BooleanSupplier hasStream) {
    Queue<Waiter> queue = calls.get(endpoint.id());
    boolean told = queue != null;
    for (int i = queue == null ? 0 : queue.size(); i > 0 && told && hasStream.getAsBoolean(); i--) {
      told = tellOne(queue, endpoint);
    }
  }

  private boolean tellOne(@Nullable Queue<Waiter> queue, Endpoint freed) {
    Waiter call = queue == null ? null : queue.peek();
    if (call == null) {
      return false;
    }
    call.streamFreed(freed);
    return true;
  }

  /** Forgets a call that waits no more for this endpoint. */
  void remove(Waiter call, Endpoint endpoint) {
    Queue<Waiter> queue = calls.get(endpoint.id());
    if (queue != null && queue.remove(call)) {
      count.decrementAndGet();
    }
  }
}
