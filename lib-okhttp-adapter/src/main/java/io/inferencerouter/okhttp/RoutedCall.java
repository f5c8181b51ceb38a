package io.inferencerouter.okhttp;

import io.inferencerouter.Lease;
import io.inferencerouter.OverloadedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
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
 * A call that first waits for a lease and then is a call of the client.
 *
 * <p>There is one deadline for both, counted from {@link #execute} or {@link #enqueue}: it ends the
 * wait, and the client's call gets it in the place of a time-out of its own.
 *
 * <p>{@link #cancel} can come at any time. Each stage is first published in a volatile field and
 * then looks whether the call is cancelled; cancelling first says so and then looks at the fields.
 * So one of the two sees the other.
 *
 * <p>The last five methods are those that {@code Call} has from OkHttp 5 on.
 */
final class RoutedCall implements Call {
  private static final System.Logger LOG = System.getLogger(RoutedCall.class.getName());

  private final RoutingCallFactory factory;
  private final Request request;
  private final CallExtras extras;
  private final Timeout timeout = new Timeout();
  private final AtomicBoolean executed = new AtomicBoolean();
  private volatile boolean canceled;
  private volatile @Nullable LeaseWait waiting;
  private volatile @Nullable RoutedAttempt attempt;

  RoutedCall(RoutingCallFactory factory, Request request) {
    this.factory = factory;
    this.request = Objects.requireNonNull(request, "request");
    this.extras = new CallExtras(request);
    timeout.timeout(factory.client().callTimeoutMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public Response execute() throws IOException {
    Timeout deadline = begin();
    return respond(ask(deadline), deadline);
  }

  @Override
  public void enqueue(Callback callback) {
    Objects.requireNonNull(callback, "callback");
    Timeout deadline = begin();
    dispatch(() -> start(callback, deadline), rejected -> callback.onFailure(this, rejected));
  }

  private Timeout begin() {
    if (!executed.compareAndSet(false, true)) {
      throw new IllegalStateException("Already Executed");
    }
    Timeout deadline = new Timeout();
    long allowed = timeout.timeoutNanos();
    if (allowed != 0) {
      long now = System.nanoTime();
      long left = timeout.hasDeadline() ? timeout.deadlineNanoTime() - now : Long.MAX_VALUE;
      deadline.deadlineNanoTime(now + Math.min(allowed, left));
    } else if (timeout.hasDeadline()) {
      deadline.deadlineNanoTime(timeout.deadlineNanoTime());
    }
    return deadline;
  }

  private LeaseWait ask(Timeout deadline) throws IOException {
    if (canceled) {
      throw cancellation();
    }
    LeaseWait wait =
        LeaseWait.of(factory.router().acquireAsync(factory.classify(request)), deadline);
    waiting = wait;
    if (canceled) {
      wait.giveUp(cancellation());
    }
    return wait;
  }

  private Response respond(LeaseWait wait, Timeout deadline) throws IOException {
    Lease lease;
    try {
      lease = wait.await();
    } catch (OverloadedException shed) {
      return ShedResponse.of(request, shed, factory.clock());
    }
    return send(lease, deadline);
  }

  private Response send(Lease lease, Timeout deadline) throws IOException {
    RoutedAttempt current = new RoutedAttempt(lease);
    attempt = current;
    if (canceled) {
      current.abandon();
      throw cancellation();
    }
    try {
      EndpointTarget target = EndpointTarget.of(lease.endpoint());
      Call real =
          extras.handOver(
              target.address(ModelRewrite.apply(request, lease)), factory.client()::newCall);
      real.timeout().timeout(0, TimeUnit.NANOSECONDS);
      if (deadline.hasDeadline()) {
        real.timeout().deadlineNanoTime(deadline.deadlineNanoTime());
      }
      current.use(real);
      return LeasedBody.tie(real.execute(), current, factory.clock());
    } catch (IOException | RuntimeException | Error e) {
      current.fail(e);
      throw e;
    }
  }

  /** The first part of an asynchronous call; nothing in it waits. */
  private void start(Callback callback, Timeout deadline) {
    LeaseWait wait;
    try {
      wait = ask(deadline);
    } catch (IOException e) {
      callback.onFailure(this, e);
      return;
    }
    if (wait.isOver()) {
      finish(callback, wait, deadline);
    } else {
      wait.whenOver(
          () ->
              dispatch(
                  () -> finish(callback, wait, deadline),
                  rejected -> {
                    wait.abandon(rejected);
                    callback.onFailure(this, rejected);
                  }));
    }
  }

  /** The second part of an asynchronous call, when the wait is over. */
  private void finish(Callback callback, LeaseWait wait, Timeout deadline) {
    Response response;
    try {
      response = respond(wait, deadline);
    } catch (IOException e) {
      callback.onFailure(this, e);
      return;
    } catch (RuntimeException | Error e) {
      IOException failure = new IOException("canceled due to " + e.getClass().getName(), e);
      cancel();
      callback.onFailure(this, failure);
      throw e;
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

  private void dispatch(Runnable task, Rejection onRejection) {
    try {
      factory.client().dispatcher().executorService().execute(task);
    } catch (RejectedExecutionException e) {
      InterruptedIOException rejected = new InterruptedIOException("executor rejected");
      rejected.initCause(e);
      onRejection.accept(rejected);
    }
  }

  private interface Rejection {
    void accept(IOException rejected);
  }

  private static IOException cancellation() {
    return new IOException("Canceled");
  }

  @Override
  public void cancel() {
    canceled = true;
    LeaseWait wait = waiting;
    if (wait != null) {
      wait.giveUp(cancellation());
    }
    RoutedAttempt current = attempt;
    if (current != null) {
      current.cancel();
    }
  }

  @Override
  public boolean isCanceled() {
    LeaseWait wait = waiting;
    RoutedAttempt current = attempt;
    return canceled
        || (wait != null && wait.isTimedOut())
        || (current != null && current.isCanceled());
  }

  @Override
  public boolean isExecuted() {
    return executed.get();
  }

  @Override
  public Request request() {
    return request;
  }

  @Override
  public Timeout timeout() {
    return timeout;
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
