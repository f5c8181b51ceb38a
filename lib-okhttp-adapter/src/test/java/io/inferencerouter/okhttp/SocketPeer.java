package io.inferencerouter.okhttp;

import io.inferencerouter.core.testing.Waiting;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;

/** The server's side of a web socket. Public, for the server looks its methods up. */
public final class SocketPeer implements Session.Listener.AutoDemanding {
  final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  final String target;
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
  private final Consumer<SocketPeer> whenOpen;
  private volatile Session session;

  SocketPeer(ServerUpgradeRequest request, Consumer<SocketPeer> whenOpen) {
    request
        .getHeaders()
        .getFieldNamesCollection()
        .forEach(name -> headers.put(name, request.getHeaders().getValuesList(name)));
    this.target = request.getHttpURI().getPathQuery();
    this.whenOpen = whenOpen;
  }

  @Override
  public void onWebSocketOpen(Session opened) {
    session = opened;
    whenOpen.accept(this);
  }

  @Override
  public void onWebSocketText(String message) {
    received.add(message);
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    closed.add(code);
    callback.succeed();
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    // The end of a socket that was cut; the tests look at the client's side of it.
    received.add("error " + cause);
  }

  String take() throws InterruptedException {
    return Waiting.take(received, "a message");
  }

  int takeClose() throws InterruptedException {
    return Waiting.take(closed, "the socket to be closed");
  }

  void send(String text) {
    session.sendText(text, Callback.NOOP);
  }

  void close(int code) {
    session.close(code, "because", Callback.NOOP);
  }

  /** Cuts the connection. */
  void cut() {
    session.disconnect();
  }
}
