package io.inferencerouter.okhttp;

import io.inferencerouter.core.testing.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/** Keeps what a web socket tells its listener. */
class RecordedSocket extends WebSocketListener {
  /** A failure, with the status of the handshake if that was refused, or else 0. */
  record Failure(WebSocket socket, Throwable failure, int status, String body) {}

  final BlockingQueue<WebSocket> opened = new LinkedBlockingQueue<>();
  final BlockingQueue<Response> responses = new LinkedBlockingQueue<>();
  final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  final BlockingQueue<Integer> closing = new LinkedBlockingQueue<>();
  final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
  final BlockingQueue<Failure> failures = new LinkedBlockingQueue<>();

  @Override
  public void onOpen(WebSocket socket, Response response) {
    responses.add(response);
    opened.add(socket);
  }

  @Override
  public void onMessage(WebSocket socket, String text) {
    messages.add(text);
  }

  @Override
  public void onMessage(WebSocket socket, ByteString bytes) {
    messages.add(bytes.hex());
  }

  @Override
  public void onClosing(WebSocket socket, int code, String reason) {
    closing.add(code);
  }

  @Override
  public void onClosed(WebSocket socket, int code, String reason) {
    closed.add(code);
  }

  @Override
  public void onFailure(WebSocket socket, Throwable failure, Response response) {
    try {
      failures.add(
          new Failure(
              socket,
              failure,
              response == null ? 0 : response.code(),
              response == null ? "" : response.body().string()));
    } catch (java.io.IOException e) {
      failures.add(new Failure(socket, e, -1, ""));
    }
  }

  /** Everything that was told as the end of the socket, of which there should be one. */
  List<Object> ends() {
    List<Object> ends = new ArrayList<>(closed);
    ends.addAll(failures);
    return ends;
  }

  Failure failure() throws InterruptedException {
    return Waiting.take(failures, "the socket to fail");
  }
}
