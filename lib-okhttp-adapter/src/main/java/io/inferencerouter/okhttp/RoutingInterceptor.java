package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.RouterListener;
import java.io.IOException;
import java.time.Clock;
import java.util.Objects;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.AsyncTimeout;

/**
 * Routes the calls of a client from within, for SDKs that accept only a client or an interceptor.
 * Where a {@code Call.Factory} is accepted, {@link RoutingCallFactory} is better: it waits without
 * a thread and is not limited by the dispatcher.
 *
 * <pre>{@code
 * OkHttpClient routed = RoutingInterceptor.create(router).addTo(client);     // SDK accepts a client
 * sdk.addInterceptor(RoutingInterceptor.create(router));                     // only an interceptor
 * }</pre>
 *
 * <p>Where a call goes, what comes back and how the lease ends is as with {@link
 * RoutingCallFactory}. What differs:
 *
 * <ul>
 *   <li>It is an application interceptor. Those before it see the URL of the request as it was
 *       made, and the wait for a slot as part of the call; those behind it see the endpoint's. An
 *       interceptor before it that tries again, as an SDK that calls again, gets a new lease for
 *       each try, maybe of another endpoint; one behind it tries again at the same endpoint, with
 *       the same lease.
 *   <li>What is sent again passes the interceptors behind this one again. An interceptor alone, not
 *       added with {@link #addTo}, is not told whether there was a connection: it goes by the kind
 *       of the failure and by whether the body was begun, and does not send again what it is not
 *       sure of, as any request that has no body and is not replayable. Neither does it hear of
 *       refused streams of HTTP/2; OkHttp 4 sends such a request again, until the call times out if
 *       the endpoint refuses on every connection.
 *   <li>An attempt is not moved when its endpoint is ejected, or does not begin to answer:
 *       cancelling it would cancel the whole call. It ends with its own time-outs, and is then made
 *       elsewhere.
 *   <li>A stream that breaks off is not continued elsewhere; it fails with a {@link
 *       BrokenStreamException}.
 *   <li>A request that has a lease passes untouched: one of a {@link RoutingCallFactory} over the
 *       same client, or one that another such interceptor has seen.
 *   <li>A call that waits holds its thread. Its cancellation ends the wait: at once with OkHttp 5,
 *       within 50 ms with OkHttp 4, which does not tell.
 *   <li>The deadline of the request is the call's time-out, counted from when the call gets here.
 *       It ends the wait at the latest; OkHttp's own timer, which is ahead by what came before,
 *       normally does.
 *   <li>A web socket is routed, but its lease ends with the handshake, for its messages pass no
 *       interceptor. {@link RoutingCallFactory#newWebSocket} keeps it as long as the socket lives.
 * </ul>
 *
 * <h2>How many at once</h2>
 *
 * <p>Calls get here after the client's {@code Dispatcher}. Of those started with {@code enqueue} it
 * lets through 64 in all, and 5 for each host, which is the host of the request as it was made, so
 * usually the same for all of them; calls that wait for a slot count. For more, raise both above
 * the sum of the endpoints' slots and of the calls that may wait:
 *
 * <pre>{@code
 * client.dispatcher().setMaxRequests(1000);
 * client.dispatcher().setMaxRequestsPerHost(1000);
 * }</pre>
 *
 * <p>Calls started with {@code execute} are not limited. {@code Dispatcher.cancelAll()} reaches all
 * calls, also those that wait.
 *
 * <h2>Headers and credentials</h2>
 *
 * <p>With {@link #addTo} the headers and the credential of an endpoint are added behind all other
 * interceptors, and only to requests to its own address. An interceptor alone has to add them when
 * the request passes it. Then those behind it see them, so add it last; and OkHttp takes them along
 * when an endpoint redirects to another host, all but {@code Authorization}. For endpoints with
 * another credential that may do so, use {@link #addTo}, or turn redirects off. Web sockets are
 * always treated that way. {@code Response.request()} never shows them.
 *
 * <p>Safe for use by many threads, and by many clients. It does not own the router.
 */
public final class RoutingInterceptor implements Interceptor {
  private final Routing routing;
  private final boolean headersAreAddedLater;

  private RoutingInterceptor(Routing routing, boolean headersAreAddedLater) {
    this.routing = routing;
    this.headersAreAddedLater = headersAreAddedLater;
  }

  /** An interceptor with the default settings, for the usual APIs. */
  public static RoutingInterceptor create(InferenceRouter router) {
    return builder(router).build();
  }

  /**
   * Starts an interceptor.
   *
   * @param router decides where calls go
   */
  public static Builder builder(InferenceRouter router) {
    return new Builder(router);
  }

  /**
   * A client that shares everything with the given one and routes its calls.
   *
   * @param client is not changed; its interceptors come before this one
   */
  public OkHttpClient addTo(OkHttpClient client) {
    return client
        .newBuilder()
        .addInterceptor(new RoutingInterceptor(routing, true))
        .addNetworkInterceptor(new EndpointHeaders())
        .build();
  }

  /**
   * Waits for a lease and sends the request to its endpoint.
   *
   * @throws IllegalStateException if this was added as a network interceptor
   */
  @Override
  public Response intercept(Chain chain) throws IOException {
    if (chain.connection() != null) {
      throw new IllegalStateException(
          "RoutingInterceptor: added as a network interceptor (expected: addInterceptor)");
    }
    Request request = chain.request();
    Call call = chain.call();
    RoutedAttempt earlier = request.tag(RoutedAttempt.class);
    if (earlier != null && earlier.isCarriedBy(call)) {
      return chain.proceed(request);
    }
    CallAttempts attempts = new CallAttempts(routing, request, CallDeadline.of(call.timeout()));
    Transport transport = new Transport(chain);
    LeaseWait wait = attempts.first();
    Answer answer = null;
    while (wait != null) {
      answer = attempts.make(wait, answer, transport);
      wait = answer.next();
    }
    return Objects.requireNonNull(answer, "answer").get();
  }

  /** Each attempt passes the rest of the chain. */
  private final class Transport implements CallAttempts.Transport {
    private final Chain chain;

    Transport(Chain chain) {
      this.chain = chain;
    }

    @Override
    public void waits(LeaseWait wait) {
      if (chain.call().isCanceled()) {
        wait.giveUp(LeaseWait.cancellation());
      }
    }

    @Override
    public RoutedAttempt begin(LeaseWait wait) throws IOException {
      return new RoutedAttempt(wait.await(chain.call()));
    }

    @Override
    public Response send(RoutedAttempt attempt) throws IOException {
      attempt.use(chain.call());
      Request addressed = routing.address(chain.request(), attempt);
      try {
        Response response = RoutingInterceptor.this.send(chain, addressed);
        attempt.sending();
        return LeasedBody.tie(response, attempt, routing.clock());
      } catch (IOException e) {
        if (!headersAreAddedLater && !(tellsWhenItIsWritten(addressed) && NoConnection.is(e))) {
          attempt.sending();
        }
        throw orTimeout(e, chain.call());
      }
    }

    /** All attempts are parts of one call, and who cancels that cancels all of them. */
    @Override
    public boolean canMove() {
      return false;
    }
  }

  /** Whether an attempt hears that the endpoint gets the request before it can act on it. */
  private static boolean tellsWhenItIsWritten(Request request) {
    RequestBody body = request.body();
    return body != null && !body.isDuplex() && request.header("Expect") == null;
  }

  private Response send(Chain chain, Request addressed) throws IOException {
    boolean passesNetworkInterceptors = !"websocket".equalsIgnoreCase(addressed.header("Upgrade"));
    return headersAreAddedLater && passesNetworkInterceptors
        ? chain.proceed(addressed)
        : EndpointHeaders.proceed(chain, addressed);
  }

  /**
   * Tells a time-out from a cancellation. OkHttp cancels a call that takes too long, and says so
   * only when the exception has passed all interceptors. Ending the timer tells it here; the call
   * has ended, so nothing else needs it.
   */
  private static IOException orTimeout(IOException e, Call call) {
    return call.isCanceled() && call.timeout() instanceof AsyncTimeout timer && timer.exit()
        ? CallDeadline.timeout(e)
        : e;
  }

  /** Builds a {@link RoutingInterceptor}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final Routing.Settings routing;

    private Builder(InferenceRouter router) {
      this.routing = new Routing.Settings(router);
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

    /** Builds the interceptor. */
    public RoutingInterceptor build() {
      return new RoutingInterceptor(routing.build(), false);
    }
  }
}
