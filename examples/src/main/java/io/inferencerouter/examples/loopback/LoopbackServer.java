package io.inferencerouter.examples.loopback;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP server on a free port of the loopback interface, with a daemon thread for each request
 * that it is answering.
 */
public final class LoopbackServer implements AutoCloseable {
  private static final int BACKLOG = 1024;

  static {
    // Without it the server's small writes wait for the client's delayed acknowledgement: 40 ms.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private final String name;
  private final Handler handler;
  private final HttpServer server;
  private final ExecutorService threads;

  private LoopbackServer(String name, Handler handler, HttpServer server) {
    this.name = name;
    this.handler = handler;
    this.server = server;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts a server.
   *
   * @param name how its threads are named
   * @param handler answers all requests
   */
  public static LoopbackServer start(String name, Handler handler) throws IOException {
    return start(name, 0, handler);
  }

  /**
   * Starts a server.
   *
   * @param name how its threads are named
   * @param port where it can be reached; 0 is any that is free
   * @param handler answers all requests
   */
  public static LoopbackServer start(String name, int port, Handler handler) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    HttpServer http = HttpServer.create(address, BACKLOG);
    LoopbackServer started = new LoopbackServer(name, handler, http);
    http.createContext("/", started::handle);
    http.setExecutor(started.threads);
    http.start();
    return started;
  }

  /** The base address, such as {@code http://127.0.0.1:8000}. */
  public URI uri() {
    InetSocketAddress address = server.getAddress();
    return URI.create("http://" + address.getHostString() + ":" + address.getPort());
  }

  /** Answers with a body that is complete. */
  public static void answer(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("content-type", type);
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  /** Answers with JSON. */
  public static void json(HttpExchange exchange, int status, byte[] body) throws IOException {
    answer(exchange, status, "application/json", body);
  }

  /**
   * Answers with an error in the form of OpenAI's API.
   *
   * @param message the reason, without quotation marks
   */
  public static void fail(HttpExchange exchange, int status, String message) throws IOException {
    String body =
        "{\"error\":{\"message\":\"%s\",\"type\":\"invalid_request_error\"}}".formatted(message);
    json(exchange, status, body.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      handler.handle(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("server " + name + ": closed while answering", e);
    }
  }

  /** Answers requests, each on a thread of its own. */
  @FunctionalInterface
  public interface Handler {
    /** Answers one request; the exchange is closed by the caller. */
    void handle(HttpExchange exchange) throws IOException, InterruptedException;
  }
}
