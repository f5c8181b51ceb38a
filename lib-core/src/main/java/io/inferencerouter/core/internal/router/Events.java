package io.inferencerouter.core.internal.router;

import io.inferencerouter.FaultIsolated;
import io.inferencerouter.FaultIsolated.Component;
import io.inferencerouter.RouterListener;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Passes events to the listeners, and keeps what they throw away from the request. */
final class Events {
  private final RouterListener[] listeners;

  Events(List<RouterListener> listeners) {
    this.listeners = listeners.toArray(new RouterListener[0]);
  }

  /** Whether anybody listens; if not, no event need be made. */
  boolean isHeard() {
    return listeners.length != 0;
  }

  void emit(Consumer<RouterListener> event) {
    for (RouterListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (Throwable thrown) {
        listenerFailed(listener, thrown);
      }
    }
  }

  void faultIsolated(Component component, String description, @Nullable Throwable failure) {
    if (isHeard()) {
      FaultIsolated event = new FaultIsolated(component, description, failure);
      emit(listener -> listener.faultIsolated(event));
    }
  }

  private void listenerFailed(RouterListener failed, Throwable thrown) {
    FaultIsolated event =
        new FaultIsolated(
            Component.LISTENER, "listener " + failed.getClass().getName() + " threw", thrown);
    for (RouterListener listener : listeners) {
      if (listener != failed) {
        try {
          listener.faultIsolated(event);
        } catch (Throwable alsoThrown) {
          thrown.addSuppressed(
              alsoThrown); // a listener of failures that fails has nobody left to tell
        }
      }
    }
  }
}
