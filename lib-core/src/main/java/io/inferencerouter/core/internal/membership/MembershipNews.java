package io.inferencerouter.core.internal.membership;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointChanged;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.core.internal.concurrent.SerialLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is to be told of changes: queued under the membership's lock, delivered after it by one
 * thread at a time, and so in the order of the changes.
 */
final class MembershipNews {
  private final MembershipObserver observer;
  private final Queue<Consumer<MembershipObserver>> events = new ConcurrentLinkedQueue<>();
  private final SerialLoop delivery = new SerialLoop(this::drain);

  MembershipNews(MembershipObserver observer) {
    this.observer = observer;
  }

  /** Adds what an observer is to be told. */
  void add(Consumer<MembershipObserver> event) {
    events.add(event);
  }

  void changed(Endpoint endpoint, @Nullable Lifecycle from, Lifecycle to, String cause) {
    EndpointChanged event = new EndpointChanged(endpoint, from, to, cause);
    events.add(told -> told.changed(event));
  }

  /** Delivers whatever is queued; not to be called under the lock. */
  void deliver() {
    delivery.run();
  }

  private void drain() {
    for (var event = events.poll(); event != null; event = events.poll()) {
      event.accept(observer);
    }
  }
}
