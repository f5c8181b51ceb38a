package io.inferencerouter.benchmarks.simulation.fleet;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of a JSON file that knows its line, so that what is wrong with it can be shown there.
 *
 * @param file for messages
 * @param line from 1
 * @param value a {@code Map<String, LocatedJson>}, a {@code List<LocatedJson>}, a string, a double,
 *     a boolean, or null
 */
record LocatedJson(String file, int line, @Nullable Object value) {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** Reads a file; its name in messages is as given. */
  static LocatedJson read(Path path) {
    String file = path.toString();
    String text;
    try {
      text = Files.readString(path);
    } catch (NoSuchFileException e) {
      throw new FleetException(file, "no such file");
    } catch (MalformedInputException e) {
      throw new FleetException(file, "not text in UTF-8");
    } catch (IOException e) {
      throw new FleetException(file, "cannot be read: " + e.getMessage());
    }
    return parse(file, text);
  }

  static LocatedJson parse(String file, String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() == null) {
        throw new FleetException(file, 1, "nothing there (expected: JSON)");
      }
      LocatedJson root = value(file, parser);
      if (parser.nextToken() != null) {
        throw new FleetException(
            file, parser.currentTokenLocation().getLineNr(), "more after the end of the JSON");
      }
      return root;
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new FleetException(file, line, "not JSON: " + withoutSource(e.getOriginalMessage()));
    } catch (IOException e) {
      throw new FleetException(file, "cannot be read: " + e.getMessage());
    }
  }

  /** The file is named already. */
  private static String withoutSource(String message) {
    return message.replaceFirst("\\s*\\(start marker at .*", "");
  }

  FleetException error(String reason) {
    return new FleetException(file, line, reason);
  }

  /** What it is, for messages. */
  String kind() {
    if (value instanceof Map) {
      return "an object";
    }
    if (value instanceof List) {
      return "an array";
    }
    return value instanceof String text ? "\"" + text + "\"" : String.valueOf(value);
  }

  private static LocatedJson value(String file, JsonParser parser) throws IOException {
    int line = parser.currentTokenLocation().getLineNr();
    Object value =
        switch (parser.currentToken()) {
          case START_OBJECT -> object(file, parser);
          case START_ARRAY -> array(file, parser);
          case VALUE_STRING -> parser.getText();
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
          case VALUE_TRUE -> true;
          case VALUE_FALSE -> false;
          default -> null;
        };
    return new LocatedJson(file, line, value);
  }

  private static Map<String, LocatedJson> object(String file, JsonParser parser)
      throws IOException {
    Map<String, LocatedJson> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      fields.put(name, value(file, parser));
    }
    return fields;
  }

  private static List<LocatedJson> array(String file, JsonParser parser) throws IOException {
    List<LocatedJson> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(value(file, parser));
    }
    return elements;
  }
}
