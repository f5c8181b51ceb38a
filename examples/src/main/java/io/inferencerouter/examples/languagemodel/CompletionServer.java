package io.inferencerouter.examples.languagemodel;

import com.sun.net.httpserver.HttpExchange;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.examples.loopback.BadRequest;
import io.inferencerouter.examples.loopback.LoopbackServer;
import io.inferencerouter.examples.loopback.ModelServer;
import io.inferencerouter.examples.loopback.Served;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An OpenAI-compatible endpoint on loopback with an engine of its own.
 *
 * <ul>
 *   <li>{@code POST /v1/chat/completions}, as one document or as a stream of server-sent events.
 *       Each answer tells the engine's load in {@code endpoint-load-metrics}, as of its beginning.
 *   <li>{@code GET /v1/models}: the model.
 *   <li>{@code GET /metrics}: the load for Prometheus, under the names of vLLM.
 * </ul>
 *
 * <p>A client that goes away is noticed by the next token that it should get; its request then ends
 * and frees its slot.
 */
public final class CompletionServer implements ModelServer {
  /** The path of the chat interface. */
  public static final String CHAT = "/v1/chat/completions";

  /** The header with the engine's load, as ORCA (Open Request Cost Aggregation) defines it. */
  public static final String LOAD_METRICS = "endpoint-load-metrics";

  private static final String MODELS = "/v1/models";
  private static final String METRICS = "/metrics";
  private static final byte[] DATA = ascii("data: ");
  private static final byte[] END_OF_EVENT = ascii("\n\n");
  private static final byte[] DONE = ascii("[DONE]");

  private final String name;
  private final TinyKjv model;
  private final BatchingEngine engine;
  private final LoopbackServer server;
  private final long startedSeconds = System.currentTimeMillis() / 1000;
  private final AtomicLong answers = new AtomicLong();

  private CompletionServer(String name, TinyKjv model, BatchingEngine engine) throws IOException {
    this.name = name;
    this.model = model;
    this.engine = engine;
    this.server = LoopbackServer.start(name, this::route);
  }

  /**
   * Starts an engine and its server on a free port.
   *
   * @param name the endpoint's name
   * @param model shared by all servers and not closed by them
   * @param pace how fast the engine is to be
   * @param slots how many requests it serves at a time, at least one
   */
  public static CompletionServer start(String name, TinyKjv model, Pace pace, int slots)
      throws IOException {
    BatchingEngine engine = BatchingEngine.start(name, model, pace, slots);
    try {
      return new CompletionServer(name, model, engine);
    } catch (IOException e) {
      engine.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String model() {
    return TinyKjv.NAME;
  }

  @Override
  public int slots() {
    return engine.slots();
  }

  @Override
  public HardwareProfile profile() {
    return engine.pace().profile();
  }

  @Override
  public URI uri() {
    return server.uri();
  }

  /** How busy the engine is. */
  public EngineLoad load() {
    return engine.load();
  }

  @Override
  public List<Served> takeServed() {
    return engine.takeServed();
  }

  @Override
  public void close() {
    engine.close();
    server.close();
  }

  private void route(HttpExchange exchange) throws IOException, InterruptedException {
    exchange.getResponseHeaders().set(SERVED_BY, name);
    String path = exchange.getRequestURI().getPath();
    String expected =
        switch (path) {
          case CHAT -> "POST";
          case MODELS, METRICS -> "GET";
          default -> "";
        };
    if (expected.isEmpty()) {
      LoopbackServer.fail(exchange, 404, "path: not known (expected: " + CHAT + ")");
    } else if (!exchange.getRequestMethod().equals(expected)) {
      exchange.getResponseHeaders().set("allow", expected);
      LoopbackServer.fail(exchange, 405, "method: not allowed (expected: " + expected + ")");
    } else if (path.equals(CHAT)) {
      chat(exchange);
    } else if (path.equals(MODELS)) {
      LoopbackServer.json(exchange, 200, models());
    } else {
      byte[] page = engine.load().prometheus(TinyKjv.NAME).getBytes(StandardCharsets.UTF_8);
      LoopbackServer.answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", page);
    }
  }

  private void chat(HttpExchange exchange) throws IOException, InterruptedException {
    ChatRequest request;
    Prompt prompt;
    try {
      request = ChatRequest.parse(exchange.getRequestBody());
      if (!request.model().equals(TinyKjv.NAME)) {
        LoopbackServer.fail(exchange, 404, "model: not served (expected: " + TinyKjv.NAME + ")");
        return;
      }
      prompt = request.prompt(model);
    } catch (BadRequest e) {
      LoopbackServer.fail(exchange, 400, String.valueOf(e.getMessage()));
      return;
    }
    ChatAnswer answer =
        new ChatAnswer(
            "chatcmpl-" + name + "-" + answers.incrementAndGet(),
            System.currentTimeMillis() / 1000,
            prompt.tokens().length);
    try (Generation generation = engine.submit(prompt)) {
      if (request.stream()) {
        stream(exchange, answer, generation, request.includeUsage());
      } else {
        whole(exchange, answer, generation);
      }
    }
  }

  private void whole(HttpExchange exchange, ChatAnswer answer, Generation generation)
      throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    Generation.Token token;
    do {
      token = generation.next();
      text.append(token.text());
    } while (!token.isLast());
    exchange.getResponseHeaders().set(LOAD_METRICS, engine.load().orca());
    LoopbackServer.json(exchange, 200, answer.whole(text.toString(), token));
  }

  private void stream(
      HttpExchange exchange, ChatAnswer answer, Generation generation, boolean includeUsage)
      throws IOException, InterruptedException {
    exchange.getResponseHeaders().set("content-type", "text/event-stream");
    exchange.getResponseHeaders().set("cache-control", "no-cache");
    exchange.getResponseHeaders().set(LOAD_METRICS, engine.load().orca());
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      out.flush();
      Generation.Token token;
      do {
        token = generation.next();
        event(out, answer.event(token));
      } while (!token.isLast());
      if (includeUsage) {
        event(out, answer.usageEvent(token));
      }
      event(out, DONE);
    }
  }

  /** Sends an event in one piece, so that it is one packet. */
  private static void event(OutputStream out, byte[] data) throws IOException {
    byte[] event = new byte[DATA.length + data.length + END_OF_EVENT.length];
    System.arraycopy(DATA, 0, event, 0, DATA.length);
    System.arraycopy(data, 0, event, DATA.length, data.length);
    System.arraycopy(
        END_OF_EVENT, 0, event, event.length - END_OF_EVENT.length, END_OF_EVENT.length);
    out.write(event);
    out.flush();
  }

  private byte[] models() {
    return ("{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"object\":\"model\",\"created\":%d,"
            + "\"owned_by\":\"%s\",\"max_model_len\":%d}]}")
        .formatted(TinyKjv.NAME, startedSeconds, name, TinyKjv.CONTEXT)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
