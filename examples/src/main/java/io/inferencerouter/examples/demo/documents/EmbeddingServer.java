package io.inferencerouter.examples.demo.documents;

import com.sun.net.httpserver.HttpExchange;
import io.inferencerouter.examples.demo.workload.ServerTiming;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.examples.loopback.BadRequest;
import io.inferencerouter.examples.loopback.LoopbackServer;
import java.io.IOException;
import java.net.URI;

/**
 * An OpenAI-compatible embeddings endpoint on loopback.
 *
 * <p>Every answer names the endpoint in {@code x-served-by} and tells in {@code server-timing} how
 * long the request waited for its permit and held it, in milliseconds.
 */
final class EmbeddingServer extends DocumentServer {
  /** The path of the interface. */
  public static final String PATH = "/v1/embeddings";

  private final EndpointEngine engine;
  private volatile LoopbackServer server;
  private volatile boolean dead;

  private EmbeddingServer(EndpointEngine engine) throws IOException {
    super(engine);
    this.engine = engine;
    this.server = LoopbackServer.start(engine.name(), this::route);
  }

  /** Starts a server on a free port of the loopback interface. */
  static EmbeddingServer start(EndpointEngine engine) throws IOException {
    return new EmbeddingServer(engine);
  }

  @Override
  public URI uri() {
    return server.uri();
  }

  @Override
  public void kill() {
    dead = true;
    server.close();
  }

  @Override
  public void restart() throws IOException {
    if (dead) {
      server = LoopbackServer.start(engine.name(), server.uri().getPort(), this::route);
      dead = false;
    }
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
    EndpointEngine.Result<byte[]> result =
        engine.serve(request.input(), embeddings -> embeddings.toJson(request.base64()));
    exchange.getResponseHeaders().set(SERVED_BY, engine.name());
    exchange.getResponseHeaders().set(ServerTiming.HEADER, result.timing().header());
    LoopbackServer.json(exchange, 200, result.answer());
  }
}
