package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.RouterListener;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls and web sockets that go to the endpoint a router chooses. Use it wherever a {@code
 * Call.Factory} or a {@code WebSocket.Factory} is accepted; where it has to be a client or an
 * interceptor, see {@link RoutingInterceptor}.
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
 * of the endpoint; the path of the endpoint's URI, its base path, is put in front of the request's
 * path. Segments with which the base path ends and the request's path begins are meant once:
 *
 * <table>
 *   <caption>Base paths</caption>
 *   <tr><th>endpoint</th><th>request</th><th>goes to</th></tr>
 *   <tr><td>{@code http://a}</td><td>{@code /v1/models}</td><td>{@code http://a/v1/models}</td></tr>
 *   <tr><td>{@code http://a/v1}</td><td>{@code /v1/models}</td><td>{@code http://a/v1/models}</td></tr>
 *   <tr><td>{@code http://a/gpu-1/v1/}</td><td>{@code /v1/models}</td><td>{@code http://a/gpu-1/v1/models}</td></tr>
 *   <tr><td>{@code http://a/gpu-1}</td><td>{@code /v1/models}</td><td>{@code http://a/gpu-1/v1/models}</td></tr>
 *   <tr><td>{@code http://a/v1}</td><td>{@code /models}</td><td>{@code http://a/v1/models}</td></tr>
 * </table>
 *
 * <p>Segments are compared whole and as they are written. Where endpoints differ in more than what
 * comes before the request's path, such as {@code /v1} here and {@code /openai/deployments/x}
 * there, give each its whole base path and the requests none: {@code
 * http://inference/chat/completions}.
 *
 * <p>Headers and credential of the endpoint replace those of the same name. They are added last,
 * behind all interceptors, and only to requests to the endpoint's own address: neither a redirect
 * nor a log gets to see them. Body, method, query and all other headers are sent as they are.
 *
 * <p>There is one exception: when a {@linkplain
 * io.inferencerouter.InferenceRequest#fallbackModels() fallback model} answers, the member {@code
 * model} of the JSON body names that model, and every other byte is sent as it is. Bodies in which
 * that cannot be done are not offered any fallback: those without such a member, those that can be
 * written only once, that are encoded, longer than 64 MiB, or of which a header such as {@code
 * Content-Digest} has a digest. To know it, the body of a request with fallback models is looked
 * through. {@code Response.request()} is the request that was sent; a call made from it starts from
 * the URL and the body as they were before, and so asks for the original model again.
 *
 * <p>Calls go through the client with everything that is set there: connection pool, interceptors,
 * time-outs, redirects, authentication. Interceptors and event listeners see the endpoint's
 * address, and nothing of the wait for a slot. The call time-out covers that wait, too, and is the
 * {@linkplain io.inferencerouter.InferenceRequest#deadline() deadline} of the request unless the
 * classifier sets an earlier one. A call that times out while it waits is shed for its deadline,
 * and fails as any call that times out.
 *
 * <h2>How many at once</h2>
 *
 * <p>The router's slots decide, not the limits of the client's {@code Dispatcher}. {@code enqueue}
 * uses the dispatcher's executor, a thread for each call that is being sent and none for those that
 * wait; it never blocks its caller.
 *
 * <p>{@code Dispatcher.cancelAll()}, {@code runningCalls()} and {@code queuedCalls()} know the
 * calls that are being sent, as calls of the client, and neither those that wait for a slot nor web
 * sockets. Those that wait end with their own {@code cancel()}, with their deadline, with the
 * router's {@code maxQueueTime}, or when the router is closed.
 *
 * <h2>What is sent again</h2>
 *
 * <p>An attempt that fails may be followed by another one, at an endpoint that was not tried if
 * there is one; see {@link io.inferencerouter.Attempts}, and {@link
 * io.inferencerouter.core.RetryPolicy} for how often. Each is a call of the client, and sent with
 * the headers and the credential of its own endpoint. What may be sent again:
 *
 * <ul>
 *   <li>Any request for which there was no connection; and one whose HTTP/2 stream was refused, for
 *       nothing was processed of it, if its body can be written again.
 *   <li>A request that the classifier calls idempotent or replayable, and whose body can be written
 *       again, if its connection failed or timed out before the headers of a response, or the
 *       status is 429, 502, 503 or 504.
 *   <li>The same, if the body failed before its first byte. So the response to such a request is
 *       there when its first byte is; an event stream that the request does not ask for is there
 *       with its headers, and stays where it is.
 * </ul>
 *
 * <p>An attempt that has not failed is given up for another one when its endpoint is ejected or
 * removed, or takes far longer to its first token than was predicted, if it may be sent again by
 * the rules above, nothing of an answer has been passed on, and there is a place for it elsewhere;
 * until there is one, it goes on. See {@link io.inferencerouter.core.StallPolicy} and {@link
 * io.inferencerouter.Attempts#leave}.
 *
 * <p>{@code Retry-After} of a 429 or 503, in seconds or as a date, is how long its endpoint is left
 * alone. The response, or the failure, of the last attempt is what the call ends with; when there
 * is no room for another attempt, that of the one before.
 *
 * <h2>Streams that break off</h2>
 *
 * <p>A stream of events that fails after its first byte, by the endpoint's doing, fails with a
 * {@link BrokenStreamException} that says how much had arrived. Where the rest of an answer can be
 * asked for, a {@link StreamContinuation} says how, and the events of the next endpoint follow in
 * the same body. Then a stream that ends without its last event has failed, too.
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
 *   <li>A stream that says {@code event: error} or {@code event: response.failed}, or has an event
 *       whose data is a JSON object with a member {@code error} that is an object or a text: server
 *       fault.
 *   <li>A stream whose body ends, without an error of the connection, but without its last event:
 *       server fault if it has begun, the request was classified as {@linkplain
 *       io.inferencerouter.InferenceRequest#streaming() streaming}, and its API is known always to
 *       send that event, which are {@code /chat/completions}, {@code /v1/completions}, {@code
 *       /responses} and {@code /v1/messages}; otherwise success. The last two are not held to it by
 *       servers that leave the names of their events out.
 *   <li>Closed before that, or the call cancelled: cancelled.
 *   <li>Status 429: rate limited, with the time of {@code Retry-After}. Status 408 and 504:
 *       time-out. Other 5xx: server fault. Everything else: rejected. These end the lease at once.
 *   <li>A request that cannot be made to ask for the model of its lease: rejected.
 *   <li>A request whose body throws while it is written: cancelled.
 *   <li>A time-out of the client: time-out. Any other failure: server fault.
 *   <li>Forgotten, with nothing read for the {@linkplain
 *       io.inferencerouter.core.LeakPolicy.Builder#maxLeaseAge maximum age} of a lease: cancelled,
 *       and so is the call, which gives its connection back.
 * </ul>
 *
 * <p>Time in which nobody reads the body does not count as the endpoint's.
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
 * <h2>Web sockets</h2>
 *
 * <p>A web socket waits for its slot as a call does, without a thread, and keeps it until the
 * endpoint has closed. Messages may be sent from the start; those that wait with it are sent when
 * it is open. Where it cannot be opened, for want of a connection, by a failure of the handshake,
 * or by status 429, 502, 503 or 504, it is opened at another endpoint by the rules for calls above;
 * so it is when its endpoint is taken out before that. Cancelling it, and the call time-out, end
 * the wait and the handshake. It follows no redirects, and does not count for the dispatcher's
 * limits. The URIs of endpoints start with {@code http} for web sockets, too.
 *
 * <p>The first message is the first output, and each message is one unit of output. The lease ends:
 *
 * <ul>
 *   <li>Closed by the endpoint, or by this side and answered, with 1000 or 1001: success.
 *   <li>Closed by the endpoint with 1011, 1012 or 1014: server fault. With 1013: rate limited. With
 *       3008: time-out. With any other code: rejected.
 *   <li>Closed by this side first with any other code, cancelled, or given up because the listener
 *       threw: cancelled.
 *   <li>A handshake that is refused: by its status, as above. Any other failure: server fault, or
 *       time-out, also if a ping is not answered.
 * </ul>
 *
 * <p>One that is shed fails as OkHttp's do when the handshake is refused: {@code onFailure} gets
 * the response 429.
 *
 * <p>Safe for use by many threads. It owns neither the router nor the client and closes neither.
 */
public final class RoutingCallFactory implements Call.Factory, WebSocket.Factory {
  private final Routing routing;
  private final OkHttpClient client;
  private final @Nullable StreamContinuation continuation;

  private RoutingCallFactory(Builder builder) {
    continuation = builder.continuation;
    routing = builder.routing.build();
    client = builder.client.newBuilder().addNetworkInterceptor(new EndpointHeaders()).build();
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

  /**
   * Opens a web socket, as soon as there is a slot for it.
   *
   * @param request its URL names any host
   * @throws IllegalArgumentException if the request's method is not GET
   */
  @Override
  public WebSocket newWebSocket(Request request, WebSocketListener listener) {
    if (!request.method().equals("GET")) {
      throw new IllegalArgumentException(
          "method of a web socket's request: " + request.method() + " (expected: GET)");
    }
    RoutedWebSocket socket =
        new RoutedWebSocket(this, request, Objects.requireNonNull(listener, "listener"));
    socket.connect();
    return socket;
  }

  Routing routing() {
    return routing;
  }

  OkHttpClient client() {
    return client;
  }

  /** How streams that have broken off are continued; null if they are not. */
  @Nullable StreamContinuation continuation() {
    return continuation;
  }

  /**
   * The client for one web socket. A redirect would take the headers of the endpoint along, and a
   * dispatcher in common would make those wait that have their slot already.
   */
  OkHttpClient webSocketClient(CallDeadline deadline) {
    return client
        .newBuilder()
        .addInterceptor(new EndpointHeaders())
        .followRedirects(false)
        .dispatcher(new Dispatcher(client.dispatcher().executorService()))
        .callTimeout(deadline.leftMillis(), TimeUnit.MILLISECONDS)
        .build();
  }

  /** Builds a {@link RoutingCallFactory}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final Routing.Settings routing;
    private final OkHttpClient client;
    private @Nullable StreamContinuation continuation;

    private Builder(InferenceRouter router, OkHttpClient client) {
      this.routing = new Routing.Settings(router);
      this.client = Objects.requireNonNull(client, "client");
    }

    /** Sets how requests are read; by default as {@link InferenceApiClassifier#create()} does. */
    public Builder classifier(RequestClassifier classifier) {
      routing.classifier(classifier);
      return this;
    }

    /**
     * Adds a listener that hears when a classifier fails, by {@link RouterListener#faultIsolated};
     * of nothing else, for the router tells its own listeners. By default there is none.
     */
    public Builder listener(RouterListener listener) {
      routing.listener(listener);
      return this;
    }

    /**
     * Says whether endpoints are asked for load reports, with the header {@code
     * endpoint-load-metrics-format: text}, unless a request has such a header itself. By default
     * they are not, for it changes the requests; reports that come are always read.
     */
    public Builder requestLoadReports(boolean requestLoadReports) {
      routing.requestLoadReports(requestLoadReports);
      return this;
    }

    /**
     * Sets the wall clock, which is used to read a date in {@code Retry-After}; by default the
     * system's.
     */
    public Builder clock(Clock clock) {
      routing.clock(clock);
      return this;
    }

    /**
     * Says how streams of events that break off after their first byte are continued on another
     * endpoint; by default they are not, and fail with a {@link BrokenStreamException}. With it,
     * events are passed on when they are whole, and their data is kept until the body ends, up to
     * {@value PartialAnswer#MAX_DATA} characters.
     */
    public Builder continuation(StreamContinuation continuation) {
      this.continuation = Objects.requireNonNull(continuation, "continuation");
      return this;
    }

    /** Builds the factory. */
    public RoutingCallFactory build() {
      return new RoutingCallFactory(this);
    }
  }
}
