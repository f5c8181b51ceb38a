package io.inferencerouter.okhttp.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;

/**
 * What the body of an OpenAI-compatible request says that matters for routing: the model, the
 * limits, and how much text, how many tokens and images go in. Texts are measured and never kept.
 *
 * <p>Members that are absent, null or of another type than expected are left at what stands for
 * "not stated". Of members that occur twice, the last one counts.
 */
public final class OpenAiBody {
  /** A number that was not stated. */
  public static final long NOT_STATED = -1;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private String model = "";
  private boolean stream;
  private long maxTokens = NOT_STATED;
  private long maxCompletionTokens = NOT_STATED;
  private long choices = 1;
  private long characters;
  private long tokens;
  private long images;
  private boolean whole;

  private OpenAiBody() {}

  /**
   * Reads a body, or as much of it as there is. Never throws: what cannot be read ends the reading.
   *
   * @param bytes UTF-8, UTF-16 or UTF-32, from index 0
   * @param length how many bytes there are
   */
  public static OpenAiBody read(byte[] bytes, int length) {
    OpenAiBody body = new OpenAiBody();
    try (JsonParser json = JSON.createParser(bytes, 0, length)) {
      body.whole = body.readAll(json);
    } catch (IOException | RuntimeException malformed) {
      body.whole = false;
    }
    return body;
  }

  private boolean readAll(JsonParser json) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      return false;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "model" -> model = value == JsonToken.VALUE_STRING ? json.getText() : "";
        case "stream" -> stream = value == JsonToken.VALUE_TRUE;
        case "max_tokens" -> maxTokens = count(json);
        case "max_completion_tokens" -> maxCompletionTokens = count(json);
        case "n" -> choices = Math.max(1, count(json));
        case "messages" -> readMessages(json);
        case "prompt", "input" -> readInput(json);
        default -> json.skipChildren();
      }
    }
    return json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null;
  }

  private void readMessages(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        json.skipChildren();
        continue;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean content = json.currentName().equals("content");
        JsonToken value = json.nextToken();
        if (content && value == JsonToken.VALUE_STRING) {
          characters += json.getTextLength();
        } else if (content && value == JsonToken.START_ARRAY) {
          readParts(json);
        } else {
          json.skipChildren();
        }
      }
    }
  }

  /**
   * Reads the parts of one message: texts are in their member {@code text}, images are known by
   * {@code image_url}.
   */
  private void readParts(JsonParser json) throws IOException {
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() == JsonToken.VALUE_STRING) {
        characters += json.getTextLength();
      } else if (json.currentToken() == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          JsonToken value = json.nextToken();
          if (name.equals("text") && value == JsonToken.VALUE_STRING) {
            characters += json.getTextLength();
          } else if (name.equals("image_url") && value != JsonToken.VALUE_NULL) {
            images++;
          }
          json.skipChildren();
        }
      } else {
        json.skipChildren();
      }
    }
  }

  /** Reads a text, an array of texts, an array of tokens, or an array of arrays of tokens. */
  private void readInput(JsonParser json) throws IOException {
    int depth = 0;
    JsonToken token = json.currentToken();
    do {
      switch (token) {
        case START_ARRAY -> depth++;
        case END_ARRAY -> depth--;
        case VALUE_STRING -> characters += json.getTextLength();
        case VALUE_NUMBER_INT -> tokens++;
        default -> json.skipChildren();
      }
    } while (depth > 0 && (token = json.nextToken()) != null);
  }

  private static long count(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NUMBER_INT
        && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return Math.max(NOT_STATED, json.getLongValue());
    }
    json.skipChildren();
    return NOT_STATED;
  }

  /** The model asked for; empty when not stated. */
  public String model() {
    return model;
  }

  /** Whether the answer is to arrive as a stream. */
  public boolean stream() {
    return stream;
  }

  /** How many tokens each answer may have at most; {@link #NOT_STATED} when not stated. */
  public long maxTokens() {
    return maxCompletionTokens != NOT_STATED ? maxCompletionTokens : maxTokens;
  }

  /** How many answers are asked for, at least 1. */
  public long choices() {
    return choices;
  }

  /** The text that goes in, in UTF-16 code units. */
  public long characters() {
    return characters;
  }

  /** The tokens that go in, where the input is given as tokens. */
  public long tokens() {
    return tokens;
  }

  /** The images that go in. */
  public long images() {
    return images;
  }

  /** Whether a whole, well-formed JSON object was read. */
  public boolean isWhole() {
    return whole;
  }
}
