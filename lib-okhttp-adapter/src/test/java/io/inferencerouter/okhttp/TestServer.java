package io.inferencerouter.okhttp;

import io.inferencerouter.core.testing.Waiting;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/**
 * A real HTTP server on loopback, for HTTP/1.1 and HTTP/2 without TLS and for web sockets, that
 * answers as a test says.
 */
final class TestServer {
  /** Answers one request, step by step. */
  interface Script {
    void answer(Exchange exchange) throws Exception;
  }

  /**
   * Where web sockets are accepted; also below {@code /base}. Anywhere else a script answers their
   * handshake.
   */
  static final String SOCKETS = "/v1/realtime";

  private final Server server = new Server();
  private final ServerConnector connector;
  private final BlockingQueue<Exchange> exchanges = new LinkedBlockingQueue<>();
  private final BlockingQueue<SocketPeer> sockets = new LinkedBlockingQueue<>();
  private volatile Consumer<SocketPeer> socketScript = sockets::add;
  private volatile Script script = exchange -> exchange.respond(200, "application/json", "{}");

  TestServer() throws Exception {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setUriCompliance(UriCompliance.UNSAFE);
    connector =
        new ServerConnector(
            server,
            new HttpConnectionFactory(configuration),
            new HTTP2CServerConnectionFactory(configuration));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    WebSocketUpgradeHandler upgrades =
        WebSocketUpgradeHandler.from(
            server,
            container -> {
              container.addMapping(SOCKETS, this::accept);
              container.addMapping("/base" + SOCKETS, this::accept);
            });
    upgrades.setHandler(new Answering());
    server.setHandler(upgrades);
    server.start();
  }

  void script(Script next) {
    script = next;
  }

  int port() {
    return connector.getLocalPort();
  }

  String uri() {
    return "http://127.0.0.1:" + port();
  }

  /** The next request that has arrived. */
  Exchange take() throws InterruptedException {
    return Waiting.take(exchanges, "a request");
  }

  private Object accept(
      ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
    return new SocketPeer(request, peer -> socketScript.accept(peer));
  }

  /** Answers web sockets; without this they are there to be taken. */
  void onSocket(Consumer<SocketPeer> next) {
    socketScript = next;
  }

  /** The server's side of the next web socket that is open. */
  SocketPeer takeSocket() throws InterruptedException {
    return Waiting.take(sockets, "a web socket");
  }

  /** Forgets the requests that nobody has taken. */
  void forget() {
    exchanges.clear();
  }

  int requests() {
    return exchanges.size();
  }

  void stop() throws Exception {
    server.stop();
  }

  private final class Answering extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      try {
        Exchange exchange = new Exchange(request, response);
        exchanges.add(exchange);
        script.answer(exchange);
        callback.succeeded();
      } catch (Exception | AssertionError e) {
        callback.failed(e);
      }
      return true;
    }
  }
}
