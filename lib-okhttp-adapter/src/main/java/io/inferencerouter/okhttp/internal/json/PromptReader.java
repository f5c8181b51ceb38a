package io.inferencerouter.okhttp.internal.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.inferencerouter.okhttp.internal.api.PromptPart;
import java.io.IOException;
import java.util.Arrays;

/**
 * One part of what a model reads: first it is read, then it is shown. In between only the places of
 * its texts are known, so that parts can be shown in another order than they are read.
 *
 * <p>The text that is shown stands for the prompt: equal prompts give equal texts, and prompts that
 * begin equally give texts that begin equally. So roles are shown with their messages, and an image
 * is shown as a short hash.
 *
 * <p>Not safe for use by several threads at once.
 */
final class PromptReader {
  private static final char MESSAGE = '\u0001';
  private static final char CONTENT = '\u0002';

  /** What is at a place. */
  private enum Kind {
    ROLE,
    TEXT,
    INPUT,
    TOKEN,
    MEDIA,
    END_OF_MEDIA
  }

  private static final Kind[] KINDS = Kind.values();

  private final PromptPart part;
  private final boolean isShown;
  private int[] places = new int[32];
  private int size;
  private int definitions;
  private int endOfDefinitions;
  private long documents;
  private long tokens;
  private long images;

  /**
   * Starts a part.
   *
   * @param isShown whether it will be shown to anyone, rather than only be measured
   */
  PromptReader(PromptPart part, boolean isShown) {
    this.part = part;
    this.isShown = isShown;
  }

  /**
   * Reads the part, up to its last token.
   *
   * @param json stands at the first token of the part
   */
  void read(JsonParser json) throws IOException {
    switch (part.form()) {
      case TEXT -> readInput(json);
      case CONVERSATION, QUERY -> readContent(json);
      case DEFINITIONS -> readDefinitions(json);
      case DOCUMENTS -> readDocuments(json);
    }
  }

  private void readDefinitions(JsonParser json) throws IOException {
    if (json.currentToken().isStructStart()) {
      definitions = BodyReader.offset(json.currentTokenLocation());
      json.skipChildren();
      endOfDefinitions = BodyReader.offset(json.currentLocation());
    }
  }

  @SuppressWarnings("EnumOrdinal") // an index into an array that never leaves this class
  private void add(Kind kind, JsonParser json) throws IOException {
    if (size == places.length) {
      places = Arrays.copyOf(places, 2 * size);
    }
    places[size++] = kind.ordinal();
    places[size++] = BodyReader.offset(json.currentTokenLocation());
  }

  private void readInput(JsonParser json) throws IOException {
    int depth = 0;
    JsonToken token = json.currentToken();
    do {
      switch (token) {
        case START_ARRAY -> depth++;
        case END_ARRAY -> depth--;
        case VALUE_STRING -> add(Kind.INPUT, json);
        case VALUE_NUMBER_INT -> {
          tokens++;
          if (isShown) {
            add(Kind.TOKEN, json);
          }
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
      case VALUE_STRING -> add(Kind.TEXT, json);
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
            add(Kind.ROLE, json);
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

  /** Reads all texts in a value. */
  private void readMedia(JsonParser json) throws IOException {
    int depth = 0;
    JsonToken token = json.currentToken();
    do {
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.VALUE_STRING && isShown) {
        add(Kind.MEDIA, json);
      }
    } while (depth > 0 && (token = json.nextToken()) != null);
    if (isShown) {
      add(Kind.END_OF_MEDIA, json);
    }
  }

  /**
   * Shows the part.
   *
   * @return how much text it has, in UTF-16 code units
   */
  long show(JsonText body, PromptText text) {
    long characters = 0;
    if (endOfDefinitions > 0) {
      characters = body.showAsWritten(definitions, endOfDefinitions, text);
    }
    TextHash media = new TextHash();
    for (int i = 0; i < size; i += 2) {
      int place = places[i + 1];
      switch (KINDS[places[i]]) {
        case ROLE -> {
          text.add(MESSAGE);
          body.show(place + 1, text);
        }
        case TEXT -> {
          text.add(CONTENT);
          characters += body.show(place + 1, text);
        }
        case INPUT -> characters += body.show(place + 1, text);
        case TOKEN -> {
          body.showNumber(place, text);
          text.add(CONTENT);
        }
        case MEDIA -> body.show(place + 1, media);
        case END_OF_MEDIA -> {
          byte[] digits = media.digits();
          text.add(CONTENT);
          text.add(digits, 0, digits.length);
          media = new TextHash();
        }
      }
    }
    return characters;
  }

  /** Whether it is compared with every document. */
  boolean isQuery() {
    return part.form() == PromptPart.Form.QUERY;
  }

  long documents() {
    return documents;
  }

  long tokens() {
    return tokens;
  }

  long images() {
    return images;
  }
}
