package io.inferencerouter.okhttp.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.inferencerouter.okhttp.internal.rewrite.Splice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where a JSON object, which passes by, names a model: its member {@code model}, and each of them
 * if there are several, for readers differ in which one they take.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class ModelMentions {
  private static final JsonFactory JSON = new JsonFactory();
  private static final byte[] MODEL = "\"model\"".getBytes(StandardCharsets.US_ASCII);
  private static final int MOST = 16;

  private final List<Splice> mentions = new ArrayList<>();
  private final MemberScanner scanner = new MemberScanner(this::member);
  private boolean otherwise;

  /**
   * Looks at the next bytes of the object.
   *
   * @return whether more could change anything
   */
  public boolean scan(byte[] data, int from, int to) {
    return scanner.scan(data, from, to) && !otherwise;
  }

  private void member(byte[] name, byte[] value, long start, long end) {
    if (isModel(name)) {
      otherwise |= value.length == 0 || value[0] != '"' || mentions.size() == MOST;
      mentions.add(new Splice(start, value, value));
    }
  }

  private static boolean isModel(byte[] name) {
    if (Arrays.equals(name, MODEL)) {
      return true;
    }
    for (byte b : name) {
      if (b == '\\') {
        return decoded(name).equals("model");
      }
    }
    return false;
  }

  private static String decoded(byte[] name) {
    try (JsonParser json = JSON.createParser(name)) {
      return String.valueOf(json.nextTextValue());
    } catch (IOException malformed) {
      return "";
    }
  }

  /** Whether this was a whole object that names a model, with a text wherever it does. */
  public boolean isWhole() {
    return scanner.isWhole() && !otherwise && !mentions.isEmpty();
  }

  /** What to write, and where, to name another model. */
  public List<Splice> naming(String model) {
    ByteArrayOutputStream text = new ByteArrayOutputStream(model.length() + 2);
    text.write('"');
    text.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(model));
    text.write('"');
    byte[] replacement = text.toByteArray();
    return mentions.stream()
        .map(mention -> new Splice(mention.start(), mention.replaced(), replacement))
        .toList();
  }
}
