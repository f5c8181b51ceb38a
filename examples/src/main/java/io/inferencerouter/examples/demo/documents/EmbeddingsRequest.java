package io.inferencerouter.examples.demo.documents;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferencerouter.examples.loopback.BadRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of {@code POST /v1/embeddings} as OpenAI defines it, as far as texts go.
 *
 * @param model the model's name
 * @param input the texts
 * @param base64 whether the answer shall carry base64 of little-endian floats rather than numbers
 */
record EmbeddingsRequest(String model, List<String> input, boolean base64) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Copies the list. */
  public EmbeddingsRequest {
    input = List.copyOf(input);
  }

  /**
   * Reads a body.
   *
   * @throws BadRequest if it is not JSON or not such a request; the message is for the caller
   */
  public static EmbeddingsRequest parse(InputStream body) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new BadRequest("body: not JSON (expected: an object with model and input)", e);
    }
    if (!root.path("model").isTextual()) {
      throw new BadRequest("model: missing (expected: a string)");
    }
    return new EmbeddingsRequest(
        root.path("model").asText(),
        texts(root.path("input")),
        root.path("encoding_format").asText("float").equals("base64"));
  }

  /** Writes the body. */
  public byte[] toJson() {
    ObjectNode root = JSON.createObjectNode().put("model", model);
    ArrayNode texts = root.putArray("input");
    input.forEach(texts::add);
    if (base64) {
      root.put("encoding_format", "base64");
    }
    try {
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an object of strings is always JSON", e);
    }
  }

  private static List<String> texts(JsonNode input) throws BadRequest {
    if (input.isTextual()) {
      return List.of(input.asText());
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode text : input) {
      if (!text.isTextual()) {
        throw new BadRequest("input: " + text.getNodeType() + " (expected: strings)");
      }
      texts.add(text.asText());
    }
    if (texts.isEmpty()) {
      throw new BadRequest("input: missing or empty (expected: a string or strings)");
    }
    return texts;
  }
}
