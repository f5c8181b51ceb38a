package io.inferencerouter.okhttp;

import io.inferencerouter.Outcome;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Hears what a web socket does, reports it on the lease, and passes it on. The lease ends when the
 * endpoint has said its last word, with a close frame, or when the socket fails. One that fails
 * before it is open is not the caller's to hear of, as long as another endpoint may do.
 *
 * <p>The caller's listener is told of one end and of nothing after it. OkHttp tells of two when the
 * endpoint's close frame arrives while the one of this side is being written: the reader closes
 * both directions, and then the writer fails.
 */
final class LeasedListener extends WebSocketListener {
  private final RoutedWebSocket socket;
  private final RoutedAttempt attempt;
  private final CallDeadline deadline;
  private final WebSocketListener listener;
  private final Clock clock;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean opened;

  LeasedListener(
      RoutedWebSocket socket,
      RoutedAttempt attempt,
      CallDeadline deadline,
      WebSocketListener listener,
      Clock clock) {
    this.socket = socket;
    this.attempt = attempt;
    this.deadline = deadline;
    this.listener = listener;
    this.clock = clock;
  }

  @Override
  public void onOpen(WebSocket real, Response response) {
    try {
      attempt.passOn();
    } catch (IOException takenBack) {
      real.cancel(); // it fails with that, as one that was not opened
      return;
    }
    opened = true;
    attempt.lease().backpressure(true); // who says nothing now is not waited for
    socket.opened(real);
    tell(() -> listener.onOpen(socket, response));
  }

  @Override
  public void onMessage(WebSocket real, String text) {
    arrived();
    tell(() -> listener.onMessage(socket, text));
  }

  @Override
  public void onMessage(WebSocket real, ByteString bytes) {
    arrived();
    tell(() -> listener.onMessage(socket, bytes));
  }

  private void arrived() {
    attempt.lease().firstToken();
    attempt.lease().progress(1);
  }

  @Override
  public void onClosing(WebSocket real, int code, String reason) {
    attempt.end(ofClose(code));
    tell(() -> listener.onClosing(socket, code, reason));
  }

  @Override
  public void onClosed(WebSocket real, int code, String reason) {
    attempt.end(ofClose(code));
    if (ended.compareAndSet(false, true)) {
      listen(() -> listener.onClosed(socket, code, reason));
    }
  }

  private Outcome ofClose(int code) {
    int own = socket.closeCode();
    return own == RoutedWebSocket.NOT_CLOSED ? Outcomes.ofClose(code) : Outcomes.ofOwnClose(own);
  }

  @Override
  public void onFailure(WebSocket real, Throwable failure, @Nullable Response response) {
    int own = socket.closeCode();
    if (response != null && response.code() != 101) {
      attempt.end(Outcomes.ofStatus(response, clock));
    } else if (opened && own != RoutedWebSocket.NOT_CLOSED) {
      attempt.end(Outcomes.ofOwnClose(own));
    } else {
      attempt.fail(failure);
    }
    if (ended.compareAndSet(false, true)) {
      if (opened) {
        listener.onFailure(socket, failure, response);
      } else {
        socket.notOpened(attempt, deadline, failure, response);
      }
    }
  }

  private void tell(Runnable event) {
    if (!ended.get()) {
      listen(event);
    }
  }

  /** Tells the caller's listener. If that throws, the client gives the socket up. */
  private void listen(Runnable event) {
    try {
      event.run();
    } catch (RuntimeException | Error e) {
      attempt.abandon();
      throw e;
    }
  }
}
