package io.inferencerouter.examples.demo.documents;

import com.sun.net.httpserver.HttpExchange;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.examples.demo.workload.ServerTiming;
import io.inferencerouter.examples.embedding.Embedding;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.examples.loopback.BadRequest;
import io.inferencerouter.examples.loopback.LoopbackServer;
import io.inferencerouter.examples.loopback.ModelServer;
import io.inferencerouter.examples.loopback.Served;
import io.inferencerouter.examples.loopback.ServedLog;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

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
final class EmbeddingServer implements ModelServer {
  /** The path of the interface. */
  public static final String PATH = "/v1/embeddings";

  private final EndpointSpec spec;
  private final MiniLm engine;
  private final Calibration calibration;
  private final Semaphore permits;
  private final LoopbackServer server;
  private final ServedLog served = new ServedLog();

  private EmbeddingServer(EndpointSpec spec, MiniLm engine, Calibration calibration)
      throws IOException {
    this.spec = spec;
    this.engine = engine;
    this.calibration = calibration;
    this.permits = new Semaphore(spec.permits(), true);
    this.server = LoopbackServer.start(spec.name(), this::route);
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
    return new EmbeddingServer(spec, engine, calibration);
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public String model() {
    return MiniLm.NAME;
  }

  @Override
  public int slots() {
    return spec.permits();
  }

  @Override
  public HardwareProfile profile() {
    return HardwareProfile.inputOnly(spec.tokensPerSecond(calibration))
        .parallelism(spec.permits())
        .build();
  }

  @Override
  public URI uri() {
    return server.uri();
  }

  @Override
  public List<Served> takeServed() {
    return served.take();
  }

  @Override
  public void close() {
    server.close();
  }

  private void route(HttpExchange exchange) throws IOException, InterruptedException {
    if (!exchange.getRequestURI().getPath().equals(PATH)) {
      LoopbackServer.fail(exchange, 404, "path: not known (expected: " + PATH + ")");
      return;
    }
    if (!exchange.getRequestMethod().equals("POST")) {
      exchange.getResponseHeaders().set("allow", "POST");
      LoopbackServer.fail(exchange, 405, "method: not allowed (expected: POST)");
      return;
    }
    EmbeddingsRequest request;
    try {
      request = EmbeddingsRequest.parse(exchange.getRequestBody());
    } catch (BadRequest e) {
      LoopbackServer.fail(exchange, 400, String.valueOf(e.getMessage()));
      return;
    }
    embed(exchange, request);
  }

  private void embed(HttpExchange exchange, EmbeddingsRequest request)
      throws IOException, InterruptedException {
    if (!request.model().equals(MiniLm.NAME)) {
      LoopbackServer.fail(exchange, 404, "model: not served (expected: " + MiniLm.NAME + ")");
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
            ServerTiming.HEADER,
            String.format(
                Locale.ROOT,
                "queue;dur=%.3f, service;dur=%.3f",
                (started - arrived) / 1e6,
                (ended - started) / 1e6));
    LoopbackServer.json(exchange, 200, body);
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
}
