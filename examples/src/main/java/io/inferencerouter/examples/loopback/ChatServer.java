package io.inferencerouter.examples.loopback;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on loopback that answers {@code POST /v1/chat/completions} in the form of OpenAI's API:
 * not with a model, but with its own name, after a fixed time for each word asked.
 */
public final class ChatServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PATH = "/v1/chat/completions";

  private final String name;
  private final Duration perWord;
  private final LoopbackServer server;
  private final AtomicInteger answered = new AtomicInteger();

  private ChatServer(String name, Duration perWord) throws IOException {
    this.name = name;
    this.perWord = perWord;
    this.server = LoopbackServer.start(name, this::answer);
  }

  /**
   * Starts a server on a free port.
   *
   * @param name what it answers with
   * @param perWord how long it takes for each word of the prompt
   */
  public static ChatServer start(String name, Duration perWord) throws IOException {
    return new ChatServer(name, perWord);
  }

  /** The base address, such as {@code http://127.0.0.1:8000}. */
  public String url() {
    return server.uri().toString();
  }

  /** How many requests it has answered. */
  public int answered() {
    return answered.get();
  }

  @Override
  public void close() {
    server.close();
  }

  private void answer(HttpExchange exchange) throws IOException, InterruptedException {
    if (!exchange.getRequestURI().getPath().equals(PATH)) {
      LoopbackServer.fail(exchange, 404, "path: not known (expected: " + PATH + ")");
      return;
    }
    JsonNode request = JSON.readTree(exchange.getRequestBody());
    int words = words(request);
    TimeUnit.NANOSECONDS.sleep(perWord.multipliedBy(words).toNanos());
    byte[] body = JSON.writeValueAsBytes(completion(request.path("model").asText(), words));
    answered.incrementAndGet();
    LoopbackServer.json(exchange, 200, body);
  }

  private static int words(JsonNode request) {
    int words = 0;
    for (JsonNode message : request.path("messages")) {
      words += message.path("content").asText().split(" ").length;
    }
    return words;
  }

  private ObjectNode completion(String model, int words) {
    ObjectNode root = JSON.createObjectNode().put("object", "chat.completion").put("model", model);
    ObjectNode choice = root.putArray("choices").addObject();
    choice.put("index", 0).put("finish_reason", "stop");
    choice.putObject("message").put("role", "assistant").put("content", "Answered by " + name);
    root.putObject("usage")
        .put("prompt_tokens", words)
        .put("completion_tokens", 3)
        .put("total_tokens", words + 3);
    return root;
  }
}
