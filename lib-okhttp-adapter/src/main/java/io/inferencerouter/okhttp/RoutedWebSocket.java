package io.inferencerouter.okhttp;

import io.inferencerouter.OverloadedException;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Clock;
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
 * <p>As with any web socket, messages may be sent before it is open. Until there is a socket of the
 * client they wait in an {@link Outbox}; the hand-over is under the lock that sending takes, so
 * their order stays.
 */
final class RoutedWebSocket implements WebSocket {
  /** {@link #closeCode()} of a socket that this side has not closed. */
  static final int NOT_CLOSED = -1;

  private final RoutingCallFactory factory;
  private final Request request;
  private final WebSocketListener listener;
  private final RoutedRequest routed;
  private final Outbox outbox = new Outbox();
  // Guarded by this.
  private @Nullable WebSocket real;
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
    routed.ask(
        deadline,
        factory.client().dispatcher().executorService(),
        new RoutedRequest.Next() {
          @Override
          public void proceed(LeaseWait wait) {
            open(wait, deadline);
          }

          @Override
          public void fail(IOException reason) {
            RoutedWebSocket.this.fail(reason, null);
          }
        });
  }

  private void open(LeaseWait wait, CallDeadline deadline) {
    RoutedAttempt attempt;
    try {
      attempt = routed.attempt(wait);
    } catch (OverloadedException shed) {
      refuse(ShedResponse.of(request, shed, clock()));
      return;
    } catch (IOException e) {
      fail(e, null);
      return;
    }
    attempt.listen(() -> false, this::cancelSocket);
    try {
      Request addressed = factory.routing().address(request, attempt);
      handOver(
          factory
              .webSocketClient(deadline)
              .newWebSocket(addressed, new LeasedListener(this, attempt, listener, clock())));
    } catch (IOException e) {
      attempt.fail(e);
      fail(e, null);
    } catch (RuntimeException | Error e) {
      attempt.fail(e);
      fail(new IOException("canceled due to " + e.getClass().getName(), e), null);
      throw e;
    }
  }

  private Clock clock() {
    return factory.routing().clock();
  }

  private void refuse(Response response) {
    try (response) {
      fail(
          new ProtocolException(
              "Expected HTTP 101 response but was '"
                  + response.code()
                  + " "
                  + response.message()
                  + "'"),
          response);
    }
  }

  private void fail(IOException failure, @Nullable Response response) {
    synchronized (this) {
      failed = true;
      outbox.clear();
    }
    listener.onFailure(this, failure, response);
  }

  private void handOver(WebSocket socket) {
    synchronized (this) {
      outbox.empty(socket);
      real = socket;
    }
    if (routed.isCanceled()) {
      socket.cancel();
    }
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
    return real == null ? outbox.size() : real.queueSize();
  }

  @Override
  public synchronized boolean send(String text) {
    return real == null ? enqueue(new Outbox.Text(text)) : real.send(text);
  }

  @Override
  public synchronized boolean send(ByteString bytes) {
    return real == null ? enqueue(new Outbox.Binary(bytes)) : real.send(bytes);
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
    if (real != null) {
      begun = real.close(code, reason);
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
