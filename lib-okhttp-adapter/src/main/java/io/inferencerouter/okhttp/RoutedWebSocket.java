package io.inferencerouter.okhttp;

import io.inferencerouter.OverloadedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.util.concurrent.Executor;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A web socket that first waits for a lease and then is a web socket of the client, with whose end
 * the lease ends.
 *
 * <p>As with any web socket, messages may be sent before it is open. Until then they wait in an
 * {@link Outbox}, for an endpoint at which it cannot be opened is followed by another one; the
 * hand-over is under the lock that sending takes, so their order stays.
 */
final class RoutedWebSocket implements WebSocket {
  /** {@link #closeCode()} of a socket that this side has not closed. */
  static final int NOT_CLOSED = -1;

  /** How much of a response is kept while another endpoint is looked for, in bytes. */
  private static final long MAX_KEPT_RESPONSE = 1 << 20;

  private final RoutingCallFactory factory;
  private final Request request;
  private final WebSocketListener listener;
  private final RoutedRequest routed;
  private final Outbox outbox = new Outbox();
  // Guarded by this.
  private @Nullable WebSocket real;
  private boolean open;
  private boolean failed;
  private int closeCode = NOT_CLOSED;

  RoutedWebSocket(RoutingCallFactory factory, Request request, WebSocketListener listener) {
    this.factory = factory;
    this.request = request;
    this.listener = listener;
    this.routed = new RoutedRequest(factory.routing(), request);
  }

  /** Starts to wait. The time-out of calls is that of the wait and the handshake. */
  void connect() {
    CallDeadline deadline = CallDeadline.afterMillis(factory.client().callTimeoutMillis());
    routed.ask(deadline, executor(), next(deadline, null));
  }

  private Executor executor() {
    return factory.client().dispatcher().executorService();
  }

  private RoutedRequest.Next next(CallDeadline deadline, @Nullable Failure earlier) {
    return new RoutedRequest.Next() {
      @Override
      public void proceed(LeaseWait wait) {
        open(wait, deadline, earlier);
      }

      @Override
      public void fail(IOException reason) {
        RoutedWebSocket.this.fail(new Failure(reason, null));
      }
    };
  }

  /**
   * Opens a socket of the client, as soon as there is a lease.
   *
   * @param earlier tells of the attempt before, which did not open; null if this is the first
   */
  private void open(LeaseWait wait, CallDeadline deadline, @Nullable Failure earlier) {
    RoutedAttempt attempt;
    try {
      attempt = routed.attempt(wait);
    } catch (OverloadedException shed) {
      if (earlier == null) {
        refuse(ShedResponse.of(request, shed, clock()));
      } else {
        fail(earlier.because(shed));
      }
      return;
    } catch (IOException e) {
      fail(earlier != null && LeaseWait.isRefusal(e) ? earlier.because(e) : new Failure(e, null));
      return;
    }
    attempt.listen(givesUp -> routed.attempts().leave(attempt, givesUp), this::cancelSocket);
    try {
      Request addressed = factory.routing().address(request, attempt);
      connecting(
          factory
              .webSocketClient(deadline)
              .newWebSocket(
                  addressed, new LeasedListener(this, attempt, deadline, listener, clock())),
          attempt);
    } catch (IOException e) {
      attempt.fail(e);
      routed.attempts().end();
      fail(new Failure(e, null));
    } catch (RuntimeException | Error e) {
      attempt.fail(e);
      routed.attempts().end();
      fail(new Failure(new IOException("canceled due to " + e.getClass().getName(), e), null));
      throw e;
    }
  }

  /** How an attempt to open a socket has failed. */
  private record Failure(Throwable thrown, @Nullable Response response) {
    /** The same, for want of another attempt. */
    Failure because(Exception refused) {
      thrown.addSuppressed(refused);
      return this;
    }

    /** The same, with a response that can be read when the client has closed it. */
    Failure kept() throws IOException {
      return response == null || response.code() == 101 // which has no body to be read
          ? this
          : new Failure(
              thrown, response.newBuilder().body(response.peekBody(MAX_KEPT_RESPONSE)).build());
    }
  }

  /**
   * An attempt has failed before the socket was open, and its lease has ended. Nothing was
   * delivered, so another endpoint may do.
   */
  void notOpened(
      RoutedAttempt attempt, CallDeadline deadline, Throwable thrown, @Nullable Response response) {
    Failure failure = new Failure(thrown, response);
    boolean mayPass =
        (response == null || response.code() == 101 || CallAttempts.mayPass(response))
            && !isTimeOver(thrown)
            && !routed.isCanceled();
    if (mayPass && !NoConnection.is(thrown)) {
      attempt.sending();
    }
    LeaseWait next = mayPass ? routed.attempts().next(attempt, routed::waits) : null;
    if (next == null) {
      if (mayPass) {
        routed.attempts().explain(thrown);
      } else {
        routed.attempts().end();
      }
      fail(failure);
      return;
    }
    Failure kept;
    try {
      kept = failure.kept();
    } catch (IOException e) {
      kept = new Failure(thrown, null);
    }
    await(next, deadline, kept);
  }

  /** Whether the time-out of the call has ended the handshake. */
  private static boolean isTimeOver(Throwable thrown) {
    return thrown instanceof InterruptedIOException && !(thrown instanceof SocketTimeoutException);
  }

  private void await(LeaseWait wait, CallDeadline deadline, Failure earlier) {
    RoutedRequest.goOn(wait, executor(), next(deadline, earlier));
  }

  private Clock clock() {
    return factory.routing().clock();
  }

  private void refuse(Response response) {
    try (response) {
      fail(
          new Failure(
              new ProtocolException(
                  "Expected HTTP 101 response but was '"
                      + response.code()
                      + " "
                      + response.message()
                      + "'"),
              response));
    }
  }

  private void fail(Failure failure) {
    synchronized (this) {
      failed = true;
      outbox.clear();
    }
    listener.onFailure(this, failure.thrown, failure.response);
  }

  private void connecting(WebSocket socket, RoutedAttempt attempt) {
    synchronized (this) {
      if (!open) {
        real = socket;
      }
    }
    if (routed.isCanceled() || attempt.isTakenBack()) {
      socket.cancel();
    }
  }

  /** The socket is open: what has waited for it is sent. */
  synchronized void opened(WebSocket socket) {
    outbox.empty(socket);
    real = socket;
    open = true;
  }

  /** The code with which this side has closed the socket; or {@link #NOT_CLOSED}. */
  synchronized int closeCode() {
    return closeCode;
  }

  @Override
  public Request request() {
    return request;
  }

  @Override
  public synchronized long queueSize() {
    WebSocket socket = openSocket();
    return socket == null ? outbox.size() : socket.queueSize();
  }

  @Override
  public synchronized boolean send(String text) {
    WebSocket socket = openSocket();
    return socket == null ? enqueue(new Outbox.Text(text)) : socket.send(text);
  }

  @Override
  public synchronized boolean send(ByteString bytes) {
    WebSocket socket = openSocket();
    return socket == null ? enqueue(new Outbox.Binary(bytes)) : socket.send(bytes);
  }

  /** The client's socket, once messages go through it. Called under the lock. */
  private @Nullable WebSocket openSocket() {
    return open ? real : null;
  }

  private boolean enqueue(Outbox.Message message) {
    if (failed || closeCode != NOT_CLOSED) {
      return false;
    }
    if (outbox.add(message)) {
      return true;
    }
    close(Outcomes.GOING_AWAY, null);
    return false;
  }

  @Override
  public synchronized boolean close(int code, @Nullable String reason) {
    boolean begun;
    WebSocket socket = openSocket();
    if (socket != null) {
      begun = socket.close(code, reason);
    } else {
      Outbox.Close close = new Outbox.Close(code, reason);
      begun = !failed && closeCode == NOT_CLOSED;
      if (begun) {
        outbox.addLast(close);
      }
    }
    if (begun) {
      closeCode = code;
    }
    return begun;
  }

  @Override
  public void cancel() {
    routed.cancel();
    cancelSocket();
  }

  private void cancelSocket() {
    WebSocket socket;
    synchronized (this) {
      socket = real;
    }
    if (socket != null) {
      socket.cancel();
    }
  }

  /** Address only; neither path, query nor headers, for they may contain secrets. */
  @Override
  public String toString() {
    return "RoutedWebSocket[" + request.url().redact() + "]";
  }
}
