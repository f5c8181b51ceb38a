package io.inferencerouter.okhttp;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import kotlin.jvm.JvmClassMappingKt;
import kotlin.jvm.functions.Function0;
import kotlin.reflect.KClass;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.EventListener;
import okhttp3.Request;
import okhttp3.Response;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A call that waits for a lease and then is a call of the client; and another one, elsewhere, if
 * that fails and may be repeated.
 *
 * <p>There is one deadline for both, counted from {@link #execute} or {@link #enqueue}: the router
 * gets it with the request, and the client's call in the place of a time-out of its own.
 *
 * <p>The last five methods are those that {@code Call} has from OkHttp 5 on.
 */
final class RoutedCall implements Call {
  private static final System.Logger LOG = System.getLogger(RoutedCall.class.getName());

  private final RoutingCallFactory factory;
  private final Request request;
  private final RoutedRequest routed;
  private final CallExtras extras;
  private final Timeout timeout = new Timeout();
  private final AtomicBoolean executed = new AtomicBoolean();

  RoutedCall(RoutingCallFactory factory, Request request) {
    this.factory = factory;
    this.request = Objects.requireNonNull(request, "request");
    this.routed = new RoutedRequest(factory.routing(), request);
    this.extras = new CallExtras(request);
    timeout.timeout(factory.client().callTimeoutMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public Response execute() throws IOException {
    CallDeadline deadline = begin();
    Transport transport = new Transport(deadline, request);
    return transport.continued(routed.attemptAll(routed.ask(deadline), transport).get());
  }

  @Override
  public void enqueue(Callback callback) {
    Objects.requireNonNull(callback, "callback");
    CallDeadline deadline = begin();
    Executor executor = factory.client().dispatcher().executorService();
    routed.ask(
        deadline,
        executor,
        new Enqueued(callback, executor, new Transport(deadline, request), null));
  }

  private CallDeadline begin() {
    if (!executed.compareAndSet(false, true)) {
      throw new IllegalStateException("Already Executed");
    }
    return CallDeadline.of(timeout);
  }

  /** Each attempt is a call of the client. */
  private final class Transport implements CallAttempts.Transport {
    private final CallDeadline deadline;
    private final Request sent;

    Transport(CallDeadline deadline, Request sent) {
      this.deadline = deadline;
      this.sent = sent;
    }

    /** The response, with a body that is continued elsewhere, if the user has said how. */
    Response continued(Response response) {
      StreamContinuation continuation = factory.continuation();
      return continuation == null
          ? response
          : new CallContinuation(
                  continuation, request, routed, rest -> new Transport(deadline, rest))
              .applyTo(response);
    }

    @Override
    public void waits(LeaseWait wait) {
      routed.waits(wait);
    }

    @Override
    public RoutedAttempt begin(LeaseWait wait) throws IOException {
      return routed.attempt(wait);
    }

    @Override
    public Response send(RoutedAttempt attempt) throws IOException {
      Call real =
          extras.handOver(factory.routing().address(sent, attempt), factory.client()::newCall);
      deadline.applyTo(real.timeout());
      attempt.use(real);
      return LeasedBody.tie(real.execute(), attempt, factory.routing().clock());
    }

    @Override
    public boolean canMove() {
      return true;
    }
  }

  /** An asynchronous call whose wait is over: makes the attempt, and waits for the next one. */
  private final class Enqueued implements RoutedRequest.Next {
    private final Callback callback;
    private final Executor executor;
    private final Transport transport;
    private final @Nullable Answer earlier;

    Enqueued(Callback callback, Executor executor, Transport transport, @Nullable Answer earlier) {
      this.callback = callback;
      this.executor = executor;
      this.transport = transport;
      this.earlier = earlier;
    }

    @Override
    public void fail(IOException reason) {
      if (earlier != null) {
        earlier.drop();
      }
      callback.onFailure(RoutedCall.this, reason);
    }

    @Override
    public void proceed(LeaseWait wait) {
      Answer answer;
      try {
        answer = routed.attempts().make(wait, earlier, transport);
      } catch (RuntimeException | Error e) {
        IOException failure = new IOException("canceled due to " + e.getClass().getName(), e);
        cancel();
        callback.onFailure(RoutedCall.this, failure);
        throw e;
      }
      LeaseWait next = answer.next();
      if (next != null) {
        RoutedRequest.goOn(next, executor, new Enqueued(callback, executor, transport, answer));
      } else {
        tell(callback, answer, transport);
      }
    }
  }

  private void tell(Callback callback, Answer answer, Transport transport) {
    Response response;
    try {
      response = transport.continued(answer.get());
    } catch (IOException e) {
      callback.onFailure(this, e);
      return;
    }
    try {
      callback.onResponse(this, response);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.INFO, "Callback failed for " + this, e);
    } catch (RuntimeException | Error e) {
      cancel();
      throw e;
    }
  }

  @Override
  public void cancel() {
    routed.cancel();
  }

  @Override
  public boolean isCanceled() {
    return routed.isCanceled();
  }

  @Override
  public boolean isExecuted() {
    return executed.get();
  }

  @Override
  public Request request() {
    return request;
  }

  /** From the moment there is a call of the client, that call's: who ends it, means that one. */
  @Override
  public Timeout timeout() {
    Call real = routed.call();
    return real == null ? timeout : real.timeout();
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod")
  public Call clone() {
    return new RoutedCall(factory, request);
  }

  /** Method and address; neither path, query nor headers, for they may contain secrets. */
  @Override
  public String toString() {
    return "RoutedCall[" + request.method() + " " + request.url().redact() + "]";
  }

  public void addEventListener(EventListener listener) {
    extras.addEventListener(listener);
  }

  public <T> @Nullable T tag(KClass<T> type) {
    return tag(JvmClassMappingKt.getJavaObjectType(type));
  }

  public <T> @Nullable T tag(Class<? extends T> type) {
    return type.cast(extras.tag(type));
  }

  public <T> T tag(KClass<T> type, Function0<? extends T> computeIfAbsent) {
    return tag(JvmClassMappingKt.getJavaObjectType(type), computeIfAbsent);
  }

  public <T> T tag(Class<T> type, Function0<? extends T> computeIfAbsent) {
    return type.cast(extras.tag(type, computeIfAbsent));
  }
}
