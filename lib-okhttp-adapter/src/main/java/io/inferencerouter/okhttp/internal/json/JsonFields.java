package io.inferencerouter.okhttp.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks up single values of JSON documents by JSON Pointers (RFC 6901), in one pass that reads
 * nothing but what leads to them. Immutable.
 */
public final class JsonFields {
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  private final List<Field> fields;

  private JsonFields(List<Field> fields) {
    this.fields = fields;
  }

  /** A value that is looked for: what is left of its pointer, and the whole of it. */
  private record Field(JsonPointer rest, String pointer) {}

  /**
   * Prepares to look up values.
   *
   * @throws IllegalArgumentException if one of them is not a pointer to something in a document
   */
  public static JsonFields of(Collection<String> pointers) {
    List<Field> fields = new ArrayList<>();
    for (String pointer : pointers) {
      if (!pointer.startsWith("/")) {
        throw new IllegalArgumentException(
            "JSON pointer: " + pointer + " (expected: a text that starts with /)");
      }
      fields.add(new Field(JsonPointer.compile(pointer), pointer));
    }
    return new JsonFields(List.copyOf(fields));
  }

  /**
   * Reads a document, or the beginning of one. Never throws: what cannot be read ends the reading.
   *
   * @return texts, numbers and truth values, as texts, by their pointers
   */
  public Map<String, String> read(byte[] bytes, int length) {
    Map<String, String> found = new HashMap<>();
    try (JsonParser json = JSON.createParser(bytes, 0, length)) {
      json.nextToken();
      read(json, fields, found);
      return found;
    } catch (IOException | RuntimeException malformed) {
      return found;
    }
  }

  private static void read(JsonParser json, List<Field> wanted, Map<String, String> found)
      throws IOException {
    if (json.hasToken(JsonToken.START_OBJECT)) {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        readValue(json, below(wanted, name, -1), found);
      }
    } else if (json.hasToken(JsonToken.START_ARRAY)) {
      for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
        readValue(json, below(wanted, "", i), found);
      }
    }
  }

  private static void readValue(JsonParser json, List<Field> wanted, Map<String, String> found)
      throws IOException {
    if (!wanted.isEmpty() && json.currentToken().isStructStart()) {
      read(json, wanted, found);
    } else if (!wanted.isEmpty()
        && json.currentToken().isScalarValue()
        && !json.hasToken(JsonToken.VALUE_NULL)) {
      for (Field field : wanted) {
        if (field.rest().matches()) {
          found.put(field.pointer(), json.getText());
        }
      }
    }
    json.skipChildren();
  }

  /** What is wanted inside of a member, or of an element where the index is not negative. */
  private static List<Field> below(List<Field> wanted, String name, int index) {
    List<Field> inside = new ArrayList<>(0);
    for (Field field : wanted) {
      JsonPointer rest =
          index >= 0 ? field.rest().matchElement(index) : field.rest().matchProperty(name);
      if (rest != null) {
        inside.add(new Field(rest, field.pointer()));
      }
    }
    return inside;
  }
}
