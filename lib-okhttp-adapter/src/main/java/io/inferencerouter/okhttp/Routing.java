package io.inferencerouter.okhttp;

import io.inferencerouter.Attempts;
import io.inferencerouter.FaultIsolated;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.RouterListener;
import io.inferencerouter.okhttp.internal.load.LoadReportHeaders;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** What calls, web sockets and intercepted calls have in common: the router, and how to ask it. */
final class Routing {
  private final InferenceRouter router;
  private final RequestClassifier classifier;
  private final List<RouterListener> listeners;
  private final Clock clock;
  private final boolean loadReports;

  private Routing(Settings settings) {
    router = settings.router;
    classifier = settings.classifier;
    listeners = List.copyOf(settings.listeners);
    clock = settings.clock;
    loadReports = settings.loadReports;
  }

  /** The wall clock, for dates. */
  Clock clock() {
    return clock;
  }

  /** The attempts at a request. Its deadline is at most that of the call. */
  Attempts attempts(Request request, CallDeadline deadline) {
    return router.attempts(inference(request, deadline));
  }

  /** A request as the router sees it. Its deadline is at most that of the call. */
  InferenceRequest inference(Request request, CallDeadline deadline) {
    return deadline.limit(classify(RoutedAttempt.logical(request)));
  }

  /**
   * The request as it goes to the endpoint of its lease, asking for the model of the lease.
   *
   * @throws IOException if it cannot be sent there
   */
  Request address(Request request, RoutedAttempt attempt) throws IOException {
    Request addressed = attempt.address(request);
    return loadReports && addressed.header(LoadReportHeaders.FORMAT) == null
        ? addressed.newBuilder().header(LoadReportHeaders.FORMAT, "text").build()
        : addressed;
  }

  /** Asks the classifier; if that fails, the request is routed as one that was not understood. */
  private InferenceRequest classify(Request request) {
    try {
      return ModelRewrite.offer(
          request,
          Objects.requireNonNull(classifier.classify(request), "the classifier returned null"));
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      isolated(
          new FaultIsolated(
              FaultIsolated.Component.CLASSIFIER,
              "classifier " + classifier.getClass().getName() + " failed",
              e),
          null);
      return Unclassified.of(request);
    }
  }

  /** Tells the listeners; one that throws is told of to the others. */
  private void isolated(FaultIsolated event, @Nullable RouterListener except) {
    for (RouterListener listener : listeners) {
      if (listener != except) {
        try {
          listener.faultIsolated(event);
        } catch (RuntimeException e) {
          if (except == null) {
            isolated(
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

  /** What the public builders collect. Not safe for use by several threads at once. */
  static final class Settings {
    private final InferenceRouter router;
    private final List<RouterListener> listeners = new ArrayList<>();
    private RequestClassifier classifier = InferenceApiClassifier.create();
    private Clock clock = Clock.systemUTC();
    private boolean loadReports;

    Settings(InferenceRouter router) {
      this.router = Objects.requireNonNull(router, "router");
    }

    void classifier(RequestClassifier classifier) {
      this.classifier = Objects.requireNonNull(classifier, "classifier");
    }

    void listener(RouterListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    void clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
    }

    void requestLoadReports(boolean requestLoadReports) {
      loadReports = requestLoadReports;
    }

    Routing build() {
      return new Routing(this);
    }
  }
}
