package io.inferencerouter.examples.loopback;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on loopback that answers {@code POST /v1/chat/completions} in the form of OpenAI's API:
 * not with a model, but with its own name, after a fixed time for each word asked.
 */
public final class ChatServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  static {
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private final String name;
  private final Duration perWord;
  private final HttpServer server;
  private final ExecutorService threads;
  private final AtomicInteger answered = new AtomicInteger();

  private ChatServer(String name, Duration perWord, HttpServer server) {
    this.name = name;
    this.perWord = perWord;
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
   * Starts a server on a free port.
   *
   * @param name what it answers with
   * @param perWord how long it takes for each word of the prompt
   */
  public static ChatServer start(String name, Duration perWord) throws IOException {
    ChatServer chat =
        new ChatServer(
            name,
            perWord,
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    chat.server.createContext("/v1/chat/completions", chat::answer);
    chat.server.setExecutor(chat.threads);
    chat.server.start();
    return chat;
  }

  /** The base address, such as {@code http://127.0.0.1:8000}. */
  public String url() {
    InetSocketAddress address = server.getAddress();
    return "http://" + address.getHostString() + ":" + address.getPort();
  }

  /** How many requests it has answered. */
  public int answered() {
    return answered.get();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request = JSON.readTree(exchange.getRequestBody());
      int words = words(request);
      TimeUnit.NANOSECONDS.sleep(perWord.multipliedBy(words).toNanos());
      byte[] body = JSON.writeValueAsBytes(completion(request.path("model").asText(), words));
      answered.incrementAndGet();
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("server " + name + ": closed while answering", e);
    }
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
