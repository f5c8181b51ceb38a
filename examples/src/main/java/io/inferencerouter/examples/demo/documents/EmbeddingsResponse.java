package io.inferencerouter.examples.demo.documents;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The answer to {@code POST /v1/embeddings} as OpenAI defines it.
 *
 * @param model the model's name
 * @param embeddings one vector for each text, in their order
 * @param promptTokens how many tokens the model read
 */
record EmbeddingsResponse(String model, List<float[]> embeddings, int promptTokens) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Copies the list. */
  public EmbeddingsResponse {
    embeddings = List.copyOf(embeddings);
  }

  /** Writes the body, each vector as base64 of little-endian floats or as numbers. */
  public byte[] toJson(boolean base64) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("object", "list");
      json.writeArrayFieldStart("data");
      for (int i = 0; i < embeddings.size(); i++) {
        json.writeStartObject();
        json.writeStringField("object", "embedding");
        json.writeNumberField("index", i);
        json.writeFieldName("embedding");
        writeVector(json, embeddings.get(i), base64);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeStringField("model", model);
      json.writeObjectFieldStart("usage");
      json.writeNumberField("prompt_tokens", promptTokens);
      json.writeNumberField("total_tokens", promptTokens);
      json.writeEndObject();
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  /**
   * Reads a body.
   *
   * @throws IOException if it is not JSON, or a vector's index or form is not as defined
   */
  public static EmbeddingsResponse parse(byte[] body) throws IOException {
    JsonNode root = JSON.readTree(body);
    List<float[]> embeddings = new ArrayList<>();
    for (JsonNode entry : root.path("data")) {
      if (entry.path("index").asInt(-1) != embeddings.size()) {
        throw new IOException(
            "data.index: " + entry.path("index") + " (expected: " + embeddings.size() + ")");
      }
      embeddings.add(vector(entry.path("embedding")));
    }
    return new EmbeddingsResponse(
        root.path("model").asText(), embeddings, root.path("usage").path("prompt_tokens").asInt());
  }

  private static void writeVector(JsonGenerator json, float[] vector, boolean base64)
      throws IOException {
    if (base64) {
      ByteBuffer bytes =
          ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(vector);
      json.writeString(Base64.getEncoder().encodeToString(bytes.array()));
      return;
    }
    json.writeStartArray();
    for (float x : vector) {
      json.writeNumber(x);
    }
    json.writeEndArray();
  }

  private static float[] vector(JsonNode node) throws IOException {
    if (node.isTextual()) {
      byte[] bytes = node.binaryValue();
      float[] vector = new float[bytes.length / Float.BYTES];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
      return vector;
    }
    if (!node.isArray()) {
      throw new IOException("data.embedding: " + node.getNodeType() + " (expected: an array)");
    }
    float[] vector = new float[node.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = node.get(i).floatValue();
    }
    return vector;
  }
}
