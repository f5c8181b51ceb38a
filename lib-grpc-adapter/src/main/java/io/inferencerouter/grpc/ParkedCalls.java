package io.inferencerouter.grpc;

import io.inferencerouter.Endpoint;
import java.util.Deque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
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
 * <p>Safe for use by many threads.
 */
final class ParkedCalls {
  private final ConcurrentHashMap<String, Deque<EndpointSearch>> calls = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();

  /**
   * Parks a call.
   *
   * @param again whether it was parked and told, and has found no stream: it is the next one then
   */
  void park(EndpointSearch call, Endpoint endpoint, boolean again) {
    Deque<EndpointSearch> queue =
        calls.computeIfAbsent(endpoint.id(), id -> new ConcurrentLinkedDeque<>());
    if (again) {
      queue.addFirst(call);
    } else {
      queue.addLast(call);
    }
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
      for (Deque<EndpointSearch> others : calls.values()) {
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
    Deque<EndpointSearch> queue = calls.get(endpoint.id());
    boolean told = queue != null;
    for (int i = queue == null ? 0 : queue.size(); i > 0 && told && hasStream.getAsBoolean(); i--) {
      told = tellOne(queue, endpoint);
    }
  }

  private boolean tellOne(@Nullable Deque<EndpointSearch> queue, Endpoint freed) {
    EndpointSearch call = queue == null ? null : queue.poll();
    if (call == null) {
      return false;
    }
    count.decrementAndGet();
    call.streamFreed(freed);
    return true;
  }

  /** Forgets a call that waits no more. */
  void remove(EndpointSearch call) {
    for (Deque<EndpointSearch> queue : calls.values()) {
      if (queue.remove(call)) {
        count.decrementAndGet();
        return;
      }
    }
  }
}
