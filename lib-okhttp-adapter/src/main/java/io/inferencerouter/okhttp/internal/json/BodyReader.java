package io.inferencerouter.okhttp.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.inferencerouter.okhttp.internal.api.InferenceApi;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the body of a request says that matters for routing: the model, the limits, the
 * conversation, and how much text, how many tokens and images go in. Texts are measured and shown,
 * never kept.
 *
 * <p>Members that are absent, null or of another type than expected are left at what stands for
 * "not stated". Of members that occur twice, the last one counts.
 *
 * <p>The body is read once. Engines put the parts of a prompt together in a certain order, and
 * clients write them in any: many write the instructions after the messages. So the places of all
 * texts are noted on the way, and shown in the order of engines when the body is known.
 */
public final class BodyReader {
  /** A number that was not stated. */
  public static final long NOT_STATED = -1;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private final InferenceApi api;
  private final long[] limits;
  private final String[] sessions;
  private final boolean isShown;
  private final @Nullable PromptReader[] parts;
  private String model = "";
  private boolean stream;
  private long choices = 1;
  private boolean whole;
  private long characters;
  private long tokens;
  private long images;

  private BodyReader(InferenceApi api, boolean isShown) {
    this.api = api;
    this.isShown = isShown;
    limits = new long[api.outputLimits().size()];
    Arrays.fill(limits, NOT_STATED);
    sessions = new String[api.sessionKeys().size()];
    Arrays.fill(sessions, "");
    parts = new @Nullable PromptReader[api.prompt().size()];
  }

  /**
   * Reads a body, or as much of it as there is. Never throws: what cannot be read ends the reading.
   *
   * @param bytes UTF-8, from index 0
   * @param length how many bytes there are
   * @param text is shown the prompt, if the body is whole
   */
  public static BodyReader read(InferenceApi api, byte[] bytes, int length, PromptText text) {
    BodyReader body = new BodyReader(api, text != PromptText.IGNORED);
    try {
      if (body.readMembers(bytes, length)) {
        body.show(new JsonText(bytes, length), text);
        body.whole = true;
      }
    } catch (IOException | RuntimeException malformed) {
      body.whole = false;
    }
    return body;
  }

  private boolean readMembers(byte[] bytes, int length) throws IOException {
    try (JsonParser json = JSON.createParser(bytes, 0, length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        readMember(name, json);
      }
      return json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null;
    }
  }

  private void readMember(String name, JsonParser json) throws IOException {
    switch (name) {
      case "model" -> model = json.hasToken(JsonToken.VALUE_STRING) ? json.getText() : "";
      case "stream" -> stream = json.hasToken(JsonToken.VALUE_TRUE);
      case "n" -> choices = Math.max(1, count(json));
      default -> {
        int limit = api.outputLimits().indexOf(name);
        int session = api.sessionKeys().indexOf(name);
        int part = indexOfPart(name);
        if (limit >= 0) {
          limits[limit] = count(json);
        } else if (session >= 0) {
          sessions[session] = textOrId(json);
        } else if (part >= 0) {
          readPart(part, json);
        }
      }
    }
    json.skipChildren();
  }

  private void readPart(int index, JsonParser json) throws IOException {
    PromptReader part = new PromptReader(api.prompt().get(index), isShown);
    if (json.currentToken().isStructStart() || json.hasToken(JsonToken.VALUE_STRING)) {
      part.read(json);
    }
    parts[index] = part;
  }

  /** Where something is, in bytes. */
  static int offset(JsonLocation location) throws IOException {
    long offset = location.getByteOffset();
    if (offset < 0) {
      throw new IOException("encoding: not UTF-8");
    }
    return Math.toIntExact(offset);
  }

  private int indexOfPart(String name) {
    for (int i = 0; i < parts.length; i++) {
      if (api.prompt().get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** Shows the parts, in the order of engines; a query counts once for each document. */
  private void show(JsonText body, PromptText text) {
    long query = 0;
    long documents = 0;
    for (PromptReader part : parts) {
      if (part != null) {
        long shown = part.show(body, text);
        query += part.isQuery() ? shown : 0;
        characters += part.isQuery() ? 0 : shown;
        documents += part.documents();
        tokens += part.tokens();
        images += part.images();
      }
    }
    characters += query * Math.max(1, documents);
  }

  /** A text, or the member {@code id} of an object. */
  private static String textOrId(JsonParser json) throws IOException {
    if (json.hasToken(JsonToken.VALUE_STRING)) {
      return json.getText();
    }
    String id = "";
    if (json.hasToken(JsonToken.START_OBJECT)) {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean named = json.currentName().equals("id");
        if (json.nextToken() == JsonToken.VALUE_STRING && named) {
          id = json.getText();
        }
        json.skipChildren();
      }
    }
    return id;
  }

  private static long count(JsonParser json) throws IOException {
    if (json.hasToken(JsonToken.VALUE_NUMBER_INT)
        && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return Math.max(NOT_STATED, json.getLongValue());
    }
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
    for (long limit : limits) {
      if (limit != NOT_STATED) {
        return limit;
      }
    }
    return NOT_STATED;
  }

  /** How many answers are asked for, at least 1. */
  public long choices() {
    return choices;
  }

  /** The names of the conversation, best first, of which some may be empty. */
  public List<String> sessions() {
    return List.of(sessions);
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
