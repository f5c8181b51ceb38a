package io.inferencerouter.examples.languagemodel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferencerouter.examples.loopback.BadRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The body of {@code POST /v1/chat/completions} as OpenAI defines it, as far as one text answer
 * goes.
 *
 * @param model the model's name
 * @param text the texts of all messages, a line each: the model was not trained to chat, it writes
 *     the next lines
 * @param stream whether tokens are to be sent as they come
 * @param includeUsage whether the stream is to tell the usage at its end
 * @param maxTokens the most tokens to generate; 0 when not stated
 * @param temperature how adventurous, 0 to 2; by default {@value #DEFAULT_TEMPERATURE}
 * @param seed where the random numbers start; by default at random
 * @param stops texts at which to stop
 */
public record ChatRequest(
    String model,
    String text,
    boolean stream,
    boolean includeUsage,
    int maxTokens,
    double temperature,
    long seed,
    List<String> stops) {
  /** The default of {@code temperature}. */
  public static final double DEFAULT_TEMPERATURE = 0.7;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Copies the list. */
  public ChatRequest {
    stops = List.copyOf(stops);
  }

  /**
   * Reads a body.
   *
   * @throws BadRequest if it is not JSON or not such a request
   */
  public static ChatRequest parse(InputStream body) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new BadRequest("body: not JSON (expected: an object with model and messages)", e);
    }
    if (!root.path("model").isTextual()) {
      throw new BadRequest("model: missing (expected: a string)");
    }
    if (root.path("n").asInt(1) != 1) {
      throw new BadRequest("n: " + root.path("n").asInt() + " (expected: 1)");
    }
    double temperature = root.path("temperature").asDouble(DEFAULT_TEMPERATURE);
    if (!(temperature >= 0 && temperature <= 2)) {
      throw new BadRequest("temperature: " + temperature + " (expected: 0 to 2)");
    }
    return new ChatRequest(
        root.path("model").asText(),
        text(root.path("messages")),
        root.path("stream").asBoolean(false),
        root.path("stream_options").path("include_usage").asBoolean(false),
        maxTokens(root),
        temperature,
        root.path("seed").asLong(ThreadLocalRandom.current().nextLong()),
        strings(root.path("stop")));
  }

  /**
   * The prompt for the model.
   *
   * @throws BadRequest if it does not fit into the model's context
   */
  public Prompt prompt(TinyKjv engine) throws BadRequest {
    long[] tokens = engine.encode(text);
    int room = TinyKjv.CONTEXT - tokens.length;
    if (tokens.length == 0 || room < Math.max(maxTokens, 1)) {
      throw new BadRequest(
          "messages: "
              + tokens.length
              + " tokens, and max_tokens "
              + maxTokens
              + " (expected: together 1 to "
              + TinyKjv.CONTEXT
              + ")");
    }
    return new Prompt(tokens, maxTokens == 0 ? room : maxTokens, temperature, seed, stops);
  }

  private static int maxTokens(JsonNode root) throws BadRequest {
    JsonNode limit = root.path("max_completion_tokens");
    if (!limit.isNumber()) {
      limit = root.path("max_tokens");
    }
    if (limit.isNumber() && !(limit.canConvertToInt() && limit.asInt() >= 1)) {
      throw new BadRequest("max_tokens: " + limit + " (expected: at least 1)");
    }
    return limit.asInt(0);
  }

  private static String text(JsonNode messages) throws BadRequest {
    StringBuilder text = new StringBuilder();
    for (JsonNode message : messages) {
      JsonNode content = message.path("content");
      if (content.isTextual()) {
        text.append(content.asText());
      } else if (content.isArray()) {
        for (JsonNode part : content) {
          if (!part.path("type").asText().equals("text")) {
            throw new BadRequest("messages.content: a part that is no text (expected: text)");
          }
          text.append(part.path("text").asText());
        }
      } else {
        throw new BadRequest("messages.content: missing (expected: a string or parts)");
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static List<String> strings(JsonNode stop) throws BadRequest {
    List<String> stops = new ArrayList<>();
    if (stop.isTextual()) {
      stops.add(stop.asText());
    }
    for (JsonNode one : stop) {
      stops.add(one.asText());
    }
    if (stops.contains("")) {
      throw new BadRequest("stop: empty (expected: texts)");
    }
    return stops;
  }
}
