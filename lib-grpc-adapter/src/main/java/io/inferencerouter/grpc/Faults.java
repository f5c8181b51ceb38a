package io.inferencerouter.grpc;

import io.inferencerouter.FaultIsolated;
import io.inferencerouter.RouterListener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells listeners of what user code did wrong; a listener that throws is told of to the others. */
final class Faults {
  private final List<RouterListener> listeners;

  Faults(List<RouterListener> listeners) {
    this.listeners = List.copyOf(listeners);
  }

  void classifierFailed(GrpcRequestClassifier classifier, Throwable failure) {
    tell(
        new FaultIsolated(
            FaultIsolated.Component.CLASSIFIER,
            "classifier " + classifier.getClass().getName() + " failed",
            failure),
        null);
  }

  private void tell(FaultIsolated event, @Nullable RouterListener except) {
    for (RouterListener listener : listeners) {
      if (listener != except) {
        try {
          listener.faultIsolated(event);
        } catch (RuntimeException e) {
          if (except == null) {
            tell(
                new FaultIsolated(
                    FaultIsolated.Component.LISTENER,
                    "listener " + listener.getClass().getName() + " failed",
                    e),
                listener);
          }
        }
      }
    }
  }
}
