package io.inferencerouter.okhttp.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Usage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the {@code usage} member of JSON documents that pass by in pieces of any size, one document
 * after the other; and whether a document has a member {@code error} that states one, an object or
 * a text.
 *
 * <p>The member is looked for in the document itself and in the objects directly inside it, which
 * is where streams of messages carry it. Of several, the last to state a number counts. Nothing but
 * the numbers is kept; a document that is malformed or has a text longer than {@value #MAX_TEXT}
 * characters ends the search, silently.
 *
 * <p>These names are understood: {@code prompt_tokens}, {@code completion_tokens} and {@code
 * prompt_tokens_details.cached_tokens}, or {@code input_tokens}, {@code output_tokens} and {@code
 * input_tokens_details.cached_tokens}, in which the input includes what was cached; {@code
 * cache_read_input_tokens} and {@code cache_creation_input_tokens}, which come on top of it. Where
 * there is nothing but {@code total_tokens}, as for reranking, that is the input. The member {@code
 * meta} of some reranking APIs is read as well, in which the numbers are one object deeper.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class UsageReader {
  /** The longest text that is read past, in characters; it bounds the memory. */
  public static final int MAX_TEXT = 1 << 20;

  private static final int MAX_DEPTH = 100;
  private static final long NOT_STATED = -1;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(MAX_TEXT)
                  .maxNestingDepth(MAX_DEPTH)
                  .build())
          .build();

  private @Nullable JsonParser json;
  private boolean givenUp;
  private int depth;
  private int usageDepth;
  private boolean usageNamed;
  private boolean inMeta;
  private boolean documentEnded;
  private boolean errorNamed;
  private boolean error;
  private long input = NOT_STATED;
  private long total = NOT_STATED;
  private long output = NOT_STATED;
  private long cached = NOT_STATED;
  private long cacheRead;
  private long cacheCreation;

  /** Reads the next piece. */
  public void read(byte[] data, int from, int to) {
    if (givenUp || from >= to) {
      return;
    }
    try {
      JsonParser parser = json;
      if (parser == null) {
        parser = JSON.createNonBlockingByteArrayParser();
        json = parser;
      }
      ((ByteArrayFeeder) parser.getNonBlockingInputFeeder()).feedInput(data, from, to);
      for (JsonToken token; (token = parser.nextToken()) != JsonToken.NOT_AVAILABLE; ) {
        accept(token, parser);
      }
    } catch (IOException | RuntimeException notForUs) {
      giveUp();
    }
  }

  /** Ends the search; what was found so far counts. */
  public void giveUp() {
    givenUp = true;
    json = null;
  }

  private void accept(JsonToken token, JsonParser parser) throws IOException {
    switch (token) {
      case START_OBJECT, START_ARRAY -> {
        depth++;
        documentEnded = false;
        error = depth > 1 && (error || (errorNamed && token == JsonToken.START_OBJECT));
        errorNamed = false;
        if (usageNamed && token == JsonToken.START_OBJECT) {
          usageDepth = depth;
        }
        usageNamed = false;
      }
      case END_OBJECT, END_ARRAY -> {
        if (depth == usageDepth) {
          usageDepth = 0;
        }
        depth--;
        documentEnded = depth == 0;
      }
      case FIELD_NAME -> {
        String name = parser.currentName();
        usageNamed = usageDepth == 0 && depth <= 2 && isUsage(name) && inObjects(parser);
        errorNamed = depth == 1 && name.equals("error");
      }
      case VALUE_STRING -> {
        error |= errorNamed && parser.getTextLength() > 0;
        usageNamed = false;
      }
      case VALUE_NUMBER_INT -> {
        usageNamed = false;
        if (usageDepth > 0) {
          number(parser);
        }
      }
      default -> usageNamed = false;
    }
  }

  private boolean isUsage(String name) {
    inMeta = depth == 1 && name.equals("meta");
    return inMeta || name.equals("usage");
  }

  private static boolean inObjects(JsonParser parser) {
    JsonStreamContext outer = parser.getParsingContext().getParent();
    return outer.inRoot() || outer.inObject();
  }

  private void number(JsonParser parser) throws IOException {
    long value = parser.getLongValue();
    if (value < 0 || value > InferenceRequest.MAX_SIZE / 4) {
      return;
    }
    String name = parser.currentName();
    if (depth == usageDepth) {
      switch (name) {
        case "prompt_tokens", "input_tokens" -> input = value;
        case "completion_tokens", "output_tokens" -> output = value;
        case "total_tokens" -> total = value;
        case "cache_read_input_tokens" -> cacheRead = cached = value;
        case "cache_creation_input_tokens" -> cacheCreation = value;
        default -> {}
      }
    } else if (depth == usageDepth + 1) {
      switch (name) {
        case "cached_tokens" -> cached = value;
        case "input_tokens" -> input = inMeta ? value : input;
        default -> {}
      }
    }
  }

  /** Whether the last document that began has ended. */
  public boolean isDocumentEnded() {
    return documentEnded;
  }

  /** Whether the last document that began states an error. */
  public boolean hasError() {
    return error;
  }

  /** What was found. */
  public Usage usage() {
    if (input == NOT_STATED) {
      boolean onlyTotal = total != NOT_STATED && output == NOT_STATED;
      return onlyTotal ? Usage.of(total, 0) : Usage.unknown();
    }
    Usage usage = Usage.of(input + cacheRead + cacheCreation, Math.max(0, output));
    return cached == NOT_STATED ? usage : usage.withCachedInput(cached);
  }
}
