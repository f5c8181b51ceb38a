package io.inferencerouter.grpc;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Keeps back what a listener is to be told until it is opened, and lets everything pass from then
 * on, in the order in which it came. Events come one after another, the opening at any time.
 */
final class EventGate {
  private static final Held OPEN = new Held(() -> {}, null);

  private record Held(Runnable event, @Nullable Held before) {}

  /** The event that was kept back last, or {@link #OPEN}. */
  private final AtomicReference<@Nullable Held> held = new AtomicReference<>();

  /** Whether events pass. */
  @SuppressWarnings("ReferenceEquality") // the one that stands for an open gate
  boolean isOpen() {
    return held.get() == OPEN;
  }

  /** Keeps an event back; false if the gate is open, so that it is for the caller to deliver. */
  @SuppressWarnings("ReferenceEquality") // as above
  boolean hold(Runnable event) {
    while (true) {
      Held before = held.get();
      if (before == OPEN) {
        return false;
      }
      if (held.compareAndSet(before, new Held(event, before))) {
        return true;
      }
    }
  }

  /** Opens the gate; what was kept back is delivered by the executor first, if there is any. */
  void open(Executor executor) {
    if (!held.compareAndSet(null, OPEN)) {
      executor.execute(this::deliver);
    }
  }

  private void deliver() {
    do {
      Held last = held.getAndSet(null);
      if (last != null) {
        inOrder(last);
      }
    } while (!held.compareAndSet(null, OPEN));
  }

  private static void inOrder(Held last) {
    Held first = null;
    for (Held next = last; next != null; next = next.before) {
      first = new Held(next.event, first);
    }
    for (Held next = first; next != null; next = next.before) {
      next.event.run();
    }
  }
}
