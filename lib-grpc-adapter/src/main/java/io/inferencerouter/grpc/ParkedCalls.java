package io.inferencerouter.grpc;

import io.inferencerouter.Endpoint;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Calls that have a lease, and wait for a stream: for each endpoint in the order in which they
 * came. There are at most as many as the endpoints have slots.
 *
 * <p>When a call ends anywhere, one that waits for that endpoint is told, or else one that waits
 * for another: it may get a lease here. No wake-up is lost, for a call is parked first and looks
 * for a stream afterwards, while a stream is freed first and looked for parked calls afterwards.
 *
 * <p>Safe for use by many threads.
 */
final class ParkedCalls {
  private final ConcurrentHashMap<String, Queue<CallRoute<?, ?>>> calls = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();

  void park(CallRoute<?, ?> call, Endpoint endpoint) {
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
      for (Queue<CallRoute<?, ?>> others : calls.values()) {
        if (tellOne(others, endpoint)) {
          return;
        }
      }
    }
  }

  private boolean tellOne(@Nullable Queue<CallRoute<?, ?>> queue, Endpoint freed) {
    CallRoute<?, ?> call = queue == null ? null : queue.poll();
    if (call == null) {
      return false;
    }
    count.decrementAndGet();
    call.streamFreed(freed);
    return true;
  }

  /** Forgets a call that waits no more. */
  void remove(CallRoute<?, ?> call) {
    for (Queue<CallRoute<?, ?>> queue : calls.values()) {
      if (queue.remove(call)) {
        count.decrementAndGet();
        return;
      }
    }
  }
}
