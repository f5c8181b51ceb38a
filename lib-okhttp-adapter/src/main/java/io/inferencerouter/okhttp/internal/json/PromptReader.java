package io.inferencerouter.okhttp.internal.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.inferencerouter.okhttp.internal.api.PromptPart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Measures what a model reads, and shows its text.
 *
 * <p>The text that is shown stands for the prompt: equal prompts give equal texts, and prompts that
 * begin equally give texts that begin equally. So roles are shown with their messages, and an image
 * is shown as a short hash.
 */
final class PromptReader {
  private static final char[] MESSAGE = {'\u0001'};
  private static final char[] CONTENT = {'\u0002'};

  private final PromptText text;
  private long characters;
  private long query;
  private long documents;
  private long tokens;
  private long images;

  PromptReader(PromptText text) {
    this.text = text;
  }

  /**
   * Reads one part.
   *
   * @param json stands at the first token of the part
   * @param bytes the whole body, in which the part is from {@code from} to {@code to}
   */
  void read(PromptPart part, JsonParser json, byte[] bytes, int from, int to) throws IOException {
    switch (part.form()) {
      case TEXT -> readInput(json);
      case CONVERSATION -> readContent(json);
      case DEFINITIONS -> readDefinitions(json, bytes, from, to);
      case QUERY -> {
        long before = characters;
        readContent(json);
        query = characters - before;
        characters = before;
      }
      case DOCUMENTS -> readDocuments(json);
    }
  }

  private void readDefinitions(JsonParser json, byte[] bytes, int from, int to) {
    if (json.currentToken().isStructStart()) {
      char[] definitions = new String(bytes, from, to - from, StandardCharsets.UTF_8).toCharArray();
      characters += definitions.length;
      text.add(definitions, 0, definitions.length);
    }
  }

  private void readInput(JsonParser json) throws IOException {
    int depth = 0;
    JsonToken token = json.currentToken();
    do {
      switch (token) {
        case START_ARRAY -> depth++;
        case END_ARRAY -> depth--;
        case VALUE_STRING -> {
          characters += json.getTextLength();
          show(json);
        }
        case VALUE_NUMBER_INT -> {
          tokens++;
          show(json);
          text.add(CONTENT, 0, 1);
        }
        default -> json.skipChildren();
      }
    } while (depth > 0 && (token = json.nextToken()) != null);
  }

  private void readDocuments(JsonParser json) throws IOException {
    if (json.hasToken(JsonToken.START_ARRAY)) {
      while (json.nextToken() != JsonToken.END_ARRAY) {
        documents++;
        if (json.hasToken(JsonToken.START_ARRAY)) {
          json.skipChildren();
        } else {
          readContent(json);
        }
      }
    } else {
      json.skipChildren();
    }
  }

  /** Reads a text, an object, or an array of these; leaves the parser at its last token. */
  private void readContent(JsonParser json) throws IOException {
    switch (json.currentToken()) {
      case VALUE_STRING -> readText(json);
      case START_OBJECT -> readObject(json);
      case START_ARRAY -> {
        while (json.nextToken() != JsonToken.END_ARRAY) {
          if (json.hasToken(JsonToken.START_ARRAY)) {
            json.skipChildren();
          } else {
            readContent(json);
          }
        }
      }
      default -> {}
    }
  }

  private void readText(JsonParser json) throws IOException {
    characters += json.getTextLength();
    text.add(CONTENT, 0, 1);
    show(json);
  }

  /**
   * Reads a message, a part of one, or a call of a tool. Texts are in several members, and an image
   * is known by its type or by its member.
   */
  private void readObject(JsonParser json) throws IOException {
    boolean image = false;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "role" -> {
          if (value == JsonToken.VALUE_STRING) {
            text.add(MESSAGE, 0, 1);
            show(json);
          }
          json.skipChildren();
        }
        case "type" -> {
          image |= value == JsonToken.VALUE_STRING && isImage(json.getText());
          json.skipChildren();
        }
        case "image_url", "image" -> {
          image |= value != JsonToken.VALUE_NULL;
          readMedia(json);
        }
        case "source", "input_audio", "file" -> readMedia(json);
        case "content",
            "text",
            "output",
            "thinking",
            "reasoning_content",
            "tool_calls",
            "function",
            "arguments" ->
            readContent(json);
        default -> json.skipChildren();
      }
    }
    if (image) {
      images++;
    }
  }

  private static boolean isImage(String type) {
    return type.equals("image") || type.equals("input_image");
  }

  /** Shows a hash of all texts in a value. */
  private void readMedia(JsonParser json) throws IOException {
    long hash = 0xcbf29ce484222325L;
    int depth = 0;
    JsonToken token = json.currentToken();
    do {
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.VALUE_STRING) {
        hash = hash(hash, json.getTextCharacters(), json.getTextOffset(), json.getTextLength());
      }
    } while (depth > 0 && (token = json.nextToken()) != null);
    char[] digest = Long.toHexString(hash).toCharArray();
    text.add(CONTENT, 0, 1);
    text.add(digest, 0, digest.length);
  }

  /** FNV-1a, 64 bits. */
  private static long hash(long seed, char[] data, int offset, int length) {
    long hash = seed;
    for (int i = offset; i < offset + length; i++) {
      hash = (hash ^ data[i]) * 0x100000001b3L;
    }
    return hash;
  }

  private void show(JsonParser json) throws IOException {
    text.add(json.getTextCharacters(), json.getTextOffset(), json.getTextLength());
  }

  /** The text; a query counts once for each document that is compared with it. */
  long characters() {
    return characters + query * Math.max(1, documents);
  }

  long tokens() {
    return tokens;
  }

  long images() {
    return images;
  }
}
