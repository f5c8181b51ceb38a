package io.inferencerouter.examples.demo.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An OpenAI-compatible embeddings endpoint on loopback that serves a fixed number of requests at a
 * time; the others wait in the order in which they came.
 *
 * <p>Each request is really computed. Then it keeps its permit until its service time is over: the
 * {@linkplain Calibration#nominal nominal time} of its tokens times the endpoint's slow-down. So
 * one machine can stand for several GPUs of different speed, as long as the endpoints together need
 * fewer processors than it has.
 *
 * <p>Every answer names the endpoint in {@code x-served-by} and tells in {@code server-timing} how
 * long the request waited for its permit and held it, in milliseconds.
 */
public final class EmbeddingServer implements AutoCloseable {
  /** The header with the endpoint's name. */
  public static final String SERVED_BY = "x-served-by";

  /** The header with the durations, as the W3C's Server Timing defines it. */
  public static final String SERVER_TIMING = "server-timing";

  private static final String PATH = "/v1/embeddings";

  static {
    // Without it the server's small writes wait for the client's delayed acknowledgement: 40 ms.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private final EndpointSpec spec;
  private final MiniLm engine;
  private final Calibration calibration;
  private final Semaphore permits;
  private final HttpServer server;
  private final ExecutorService threads;
  private final Queue<Served> served = new ConcurrentLinkedQueue<>();

  private EmbeddingServer(
      EndpointSpec spec, MiniLm engine, Calibration calibration, HttpServer server) {
    this.spec = spec;
    this.engine = engine;
    this.calibration = calibration;
    this.permits = new Semaphore(spec.permits(), true);
    this.server = server;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, spec.name() + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts a server on a free port of the loopback interface.
   *
   * @param spec speed and permits
   * @param engine the model, shared by all servers and not closed by them
   * @param calibration the unit of the slow-down
   */
  public static EmbeddingServer start(EndpointSpec spec, MiniLm engine, Calibration calibration)
      throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    EmbeddingServer server = new EmbeddingServer(spec, engine, calibration, http);
    http.createContext("/", server::handle);
    http.setExecutor(server.threads);
    http.start();
    return server;
  }

  /** What this endpoint stands for. */
  public EndpointSpec spec() {
    return spec;
  }

  /** The base address, without the {@code /v1} of the interface. */
  public URI uri() {
    InetSocketAddress address = server.getAddress();
    return URI.create("http://" + address.getHostString() + ":" + address.getPort());
  }

  /** Removes and returns what was served since the last call, in the order in which it ended. */
  public List<Served> takeServed() {
    List<Served> taken = new ArrayList<>();
    for (Served one = served.poll(); one != null; one = served.poll()) {
      taken.add(one);
    }
    return taken;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      route(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("server: closed while serving", e);
    }
  }

  private void route(HttpExchange exchange) throws IOException, InterruptedException {
    if (!exchange.getRequestURI().getPath().equals(PATH)) {
      fail(exchange, 404, "path: not known (expected: " + PATH + ")");
      return;
    }
    if (!exchange.getRequestMethod().equals("POST")) {
      exchange.getResponseHeaders().set("allow", "POST");
      fail(exchange, 405, "method: not allowed (expected: POST)");
      return;
    }
    EmbeddingsRequest request;
    try {
      request = EmbeddingsRequest.parse(exchange.getRequestBody());
    } catch (EmbeddingsRequest.BadRequest e) {
      fail(exchange, 400, String.valueOf(e.getMessage()));
      return;
    }
    embed(exchange, request);
  }

  private void embed(HttpExchange exchange, EmbeddingsRequest request)
      throws IOException, InterruptedException {
    if (!request.model().equals(MiniLm.NAME)) {
      fail(exchange, 404, "model: not served (expected: " + MiniLm.NAME + ")");
      return;
    }
    long arrived = System.nanoTime();
    permits.acquire();
    long started = System.nanoTime();
    byte[] body;
    long ended;
    try {
      body = serve(request, started);
    } finally {
      ended = System.nanoTime();
      permits.release();
    }
    exchange.getResponseHeaders().set(SERVED_BY, spec.name());
    exchange
        .getResponseHeaders()
        .set(
            SERVER_TIMING,
            String.format(
                Locale.ROOT,
                "queue;dur=%.3f, service;dur=%.3f",
                (started - arrived) / 1e6,
                (ended - started) / 1e6));
    answer(exchange, 200, body);
  }

  /** Computes the embeddings, then waits until the stated service time is over. */
  private byte[] serve(EmbeddingsRequest request, long started)
      throws IOException, InterruptedException {
    List<float[]> embeddings = new ArrayList<>(request.input().size());
    int tokens = 0;
    for (String text : request.input()) {
      Embedding embedding = engine.embed(text);
      embeddings.add(embedding.vector());
      tokens += embedding.tokens();
    }
    byte[] body = new EmbeddingsResponse(MiniLm.NAME, embeddings, tokens).toJson(request.base64());
    long serviceNanos = Math.round(calibration.nominal(tokens).toNanos() * spec.slowDown());
    long restNanos = started + serviceNanos - System.nanoTime();
    if (restNanos > 0) {
      TimeUnit.NANOSECONDS.sleep(restNanos);
    }
    served.add(new Served(started, System.nanoTime(), serviceNanos));
    return body;
  }

  private static void fail(HttpExchange exchange, int status, String message) throws IOException {
    String body =
        "{\"error\":{\"message\":\"%s\",\"type\":\"invalid_request_error\"}}".formatted(message);
    answer(exchange, status, body.getBytes(StandardCharsets.UTF_8));
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
