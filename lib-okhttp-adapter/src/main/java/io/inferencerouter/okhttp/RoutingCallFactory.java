package io.inferencerouter.okhttp;

import io.inferencerouter.FaultIsolated;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.RouterListener;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls that go to the endpoint a router chooses. Use it wherever a {@code Call.Factory} is
 * accepted.
 *
 * <pre>{@code
 * Call.Factory calls = RoutingCallFactory.create(router, client);
 * Request request = new Request.Builder().url("http://inference/v1/chat/completions").post(body).build();
 * try (Response response = calls.newCall(request).execute()) { … }
 * }</pre>
 *
 * <h2>Where a call goes</h2>
 *
 * <p>Scheme, host and port of the request's URL stand for the whole fleet and are replaced by those
 * of the endpoint; the path of the endpoint's URI is put in front of the request's path. Headers
 * and credential of the endpoint replace those of the same name. They are added last, behind all
 * interceptors, and only to requests to the endpoint's own address: neither a redirect nor a log
 * gets to see them. Body, method, query and all other headers are sent as they are.
 *
 * <p>There is one exception: when a {@linkplain InferenceRequest#fallbackModels() fallback model}
 * answers, the member {@code model} of the JSON body names that model, and every other byte is sent
 * as it is. Bodies in which that cannot be done are not offered any fallback: those without such a
 * member, those that can be written only once, that are encoded, longer than 64 MiB, or of which a
 * header such as {@code Content-Digest} has a digest. To know it, the body of a request with
 * fallback models is looked through.
 *
 * <p>Calls go through the client with everything that is set there: connection pool, interceptors,
 * time-outs, redirects, authentication. Interceptors and event listeners see the endpoint's
 * address, and nothing of the wait for a slot. The call time-out covers that wait, too.
 *
 * <h2>How many at once</h2>
 *
 * <p>The router's slots decide, not the limits of the client's {@code Dispatcher}. {@code enqueue}
 * uses the dispatcher's executor, a thread for each call that is being sent and none for those that
 * wait; it never blocks its caller.
 *
 * <h2>What comes back</h2>
 *
 * <p>The endpoint's response, untouched, whatever its status. A request that is shed gets a
 * response 429 that was made here, with {@code Retry-After} and a JSON body as OpenAI-compatible
 * servers send it. When there is no endpoint for a request, or the router is closed, the call fails
 * with an {@code IOException} whose cause is the {@link io.inferencerouter.NoEndpointException} or
 * {@link io.inferencerouter.RouterClosedException}.
 *
 * <h2>How the lease ends</h2>
 *
 * <p>With the response's body, so it is as important as ever to close it:
 *
 * <ul>
 *   <li>Status 200 to 299 and the body has arrived: success, with the {@code usage} that the body
 *       states. A body has arrived at its end, after as many bytes as announced, after the end of a
 *       JSON document, or after the last event of a stream: {@code data: [DONE]}, {@code event:
 *       message_stop}, {@code event: response.completed} or {@code event: response.incomplete}.
 *   <li>A stream that says {@code event: error} or {@code event: response.failed}: server fault.
 *   <li>Closed before that, or the call cancelled: cancelled.
 *   <li>Status 429: rate limited, with the time of {@code Retry-After}. Status 408 and 504:
 *       time-out. Other 5xx: server fault. Everything else: rejected. These end the lease at once.
 *   <li>A time-out of the client: time-out. Any other failure: server fault.
 * </ul>
 *
 * <p>The first output has arrived when the first byte of the body is read, or the first event with
 * output of a stream; each such event counts as one unit of output. That is an event with data; of
 * the named events of the Responses and Messages APIs, those that carry a delta.
 *
 * <h2>Load reports</h2>
 *
 * <p>What an endpoint says of its load goes to the router: the ORCA header {@code
 * endpoint-load-metrics} in the forms TEXT, JSON and BIN, also without these words, of any
 * response, and {@code endpoint-load-metrics-bin}, also in the trailers of a body that is read to
 * its end. See {@link Builder#requestLoadReports} to ask for them.
 *
 * <p>Safe for use by many threads. It owns neither the router nor the client and closes neither.
 */
public final class RoutingCallFactory implements Call.Factory {
  private final InferenceRouter router;
  private final OkHttpClient client;
  private final RequestClassifier classifier;
  private final List<RouterListener> listeners;
  private final Clock clock;

  private RoutingCallFactory(Builder builder) {
    router = builder.router;
    client =
        builder
            .client
            .newBuilder()
            .addNetworkInterceptor(new EndpointHeaders(builder.loadReports))
            .build();
    classifier = builder.classifier;
    listeners = List.copyOf(builder.listeners);
    clock = builder.clock;
  }

  /** A factory with the default settings, for the usual APIs. */
  public static RoutingCallFactory create(InferenceRouter router, OkHttpClient client) {
    return builder(router, client).build();
  }

  /**
   * Starts a factory.
   *
   * @param router decides where calls go
   * @param client sends them
   */
  public static Builder builder(InferenceRouter router, OkHttpClient client) {
    return new Builder(router, client);
  }

  /**
   * Makes a call. Nothing happens before it is executed.
   *
   * @param request its URL names any host
   */
  @Override
  public Call newCall(Request request) {
    return new RoutedCall(this, request);
  }

  InferenceRouter router() {
    return router;
  }

  OkHttpClient client() {
    return client;
  }

  Clock clock() {
    return clock;
  }

  /** Asks the classifier; if that fails, the request is routed as one that was not understood. */
  InferenceRequest classify(Request request) {
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

  /** Builds a {@link RoutingCallFactory}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final InferenceRouter router;
    private final OkHttpClient client;
    private final List<RouterListener> listeners = new ArrayList<>();
    private RequestClassifier classifier = InferenceApiClassifier.create();
    private Clock clock = Clock.systemUTC();
    private boolean loadReports;

    private Builder(InferenceRouter router, OkHttpClient client) {
      this.router = Objects.requireNonNull(router, "router");
      this.client = Objects.requireNonNull(client, "client");
    }

    /** Sets how requests are read; by default as {@link InferenceApiClassifier#create()} does. */
    public Builder classifier(RequestClassifier classifier) {
      this.classifier = Objects.requireNonNull(classifier, "classifier");
      return this;
    }

    /**
     * Adds a listener that hears when a classifier fails, by {@link RouterListener#faultIsolated};
     * of nothing else, for the router tells its own listeners. By default there is none.
     */
    public Builder listener(RouterListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Says whether endpoints are asked for load reports, with the header {@code
     * endpoint-load-metrics-format: text}, unless a request has such a header itself. By default
     * they are not, for it changes the requests; reports that come are always read.
     */
    public Builder requestLoadReports(boolean requestLoadReports) {
      loadReports = requestLoadReports;
      return this;
    }

    /**
     * Sets the wall clock, which is used to read a date in {@code Retry-After}; by default the
     * system's.
     */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /** Builds the factory. */
    public RoutingCallFactory build() {
      return new RoutingCallFactory(this);
    }
  }
}
