package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.affinity.PrefixKeys;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.Test;

class PrefixKeysOfRequestsTest {
  private static final String LONG = "All work and no play makes Jack a dull boy. ".repeat(20);
  private static final PrefixKeys PREFIX_KEYS = PrefixKeys.builder().blockSize(64).seed(7).build();
  private final InferenceApiClassifier classifier =
      InferenceApiClassifier.builder().prefixKeys(PREFIX_KEYS).build();

  private long[] keys(String path, String json) {
    return keys(
        classifier.classify(
            new Request.Builder()
                .url("http://inference" + path)
                .post(RequestBody.create(json, RoutedTest.JSON))
                .build()));
  }

  private static long[] keys(InferenceRequest request) {
    long[] keys = new long[request.prefixKeyCount()];
    Arrays.setAll(keys, request::prefixKey);
    return keys;
  }

  private static String message(String role, String content) {
    return "{\"role\":\"" + role + "\",\"content\":\"" + content + "\"}";
  }

  private static int common(long[] a, long[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? a.length : mismatch;
  }

  @Test
  void theNextTurnOfAConversationBeginsWithTheLastOne() {
    String first = message("system", LONG) + "," + message("user", "Hello");
    String second = first + "," + message("assistant", LONG) + "," + message("user", "More");
    long[] before = keys("/v1/chat/completions", "{\"messages\":[" + first + "],\"model\":\"m\"}");
    long[] after = keys("/v1/chat/completions", "{\"model\":\"m\",\"messages\":[" + second + "]}");
    assertThat(before.length).isGreaterThanOrEqualTo(LONG.length() / 64);
    assertThat(after.length).isGreaterThan(before.length);
    assertThat(common(before, after)).isEqualTo(before.length);
  }

  @Test
  void instructionsAndToolsComeFirstWhereverTheyAreWritten() {
    String messages = "\"messages\":[" + message("user", LONG) + "]";
    String system = "\"system\":\"" + LONG + "\"";
    String tools = "\"tools\":[{\"name\":\"f\"}]";
    long[] keys = keys("/v1/messages", "{" + tools + "," + system + "," + messages + "}");
    assertThat(keys("/v1/messages", "{" + messages + "," + system + "," + tools + "}"))
        .isEqualTo(keys);
    String other = "\"messages\":[" + message("user", "Other. " + LONG) + "]";
    int shared = common(keys, keys("/v1/messages", "{" + other + "," + tools + "," + system + "}"));
    assertThat(shared).isBetween(LONG.length() / 64, LONG.length() / 64 + 1);
    assertThat(common(keys, keys("/v1/messages", "{" + messages + "," + system + "}"))).isZero();
  }

  @Test
  void rolesAndImagesAreSeen() {
    String path = "/v1/responses";
    long[] keys = keys(path, "{\"input\":[" + message("user", LONG) + "]}");
    assertThat(common(keys, keys(path, "{\"input\":[" + message("developer", LONG) + "]}")))
        .isZero();
    String image =
        "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"%s\"},"
            + "{\"type\":\"input_text\",\"text\":\""
            + LONG
            + "\"}]}]}";
    long[] withImage = keys(path, String.format(image, "http://a/1.png"));
    assertThat(keys(path, String.format(image, "http://a/1.png"))).isEqualTo(withImage);
    assertThat(common(withImage, keys(path, String.format(image, "http://a/2.png")))).isZero();
  }

  @Test
  void whatGeneratesNothingHasNoKeysAndNeitherHasAClassifierWithoutThem() {
    String json = "{\"model\":\"m\",\"input\":\"" + LONG + "\",\"prompt\":\"" + LONG + "\"}";
    assertThat(keys("/v1/embeddings", json)).isEmpty();
    assertThat(keys("/v1/completions", json)).isNotEmpty();
    Request request =
        new Request.Builder()
            .url("http://inference/v1/completions")
            .post(RequestBody.create(json, RoutedTest.JSON))
            .build();
    InferenceApiClassifier without = InferenceApiClassifier.builder().noPrefixKeys().build();
    assertThat(without.classify(request).prefixKeyCount()).isZero();
  }

  /** Texts with everything that JSON can escape, and with halves of surrogate pairs. */
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "plain text, ", "\n", "\"", "\\", "/", "\u0007", "é", "€", "😀", "\ud83d", "\ude00")
        .list()
        .ofMaxSize(60)
        .map(pieces -> String.join("", pieces));
  }

  /** As some clients write texts, or as others do, which escape all they can. */
  private static String json(String text, boolean escaped) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean half =
          Character.isSurrogate(c)
              && !(i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1)))
              && !(i > 0 && Character.isSurrogatePair(text.charAt(i - 1), c));
      if (c == '\n' && escaped) {
        json.append("\\n");
      } else if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || half || (escaped && c > 'z')) {
        json.append(String.format("\\u%04" + (i % 2 == 0 ? "x" : "X"), (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  @Property
  void theKeysAreThoseOfTheTextInTheOrderOfEnginesHoweverItIsWritten(
      @ForAll("texts") String system,
      @ForAll("texts") String first,
      @ForAll("texts") String second,
      @ForAll boolean escaped,
      @ForAll Random order) {
    String tools = "[ {\"name\":\"é\"} ]";
    List<String> members =
        Arrays.asList(
            "\"tools\":" + tools,
            "\"system\":" + json(system, escaped),
            "\"messages\":[{\"role\":\"user\",\"content\":"
                + json(first, escaped)
                + "},{\"content\":[{\"type\":\"text\",\"text\":"
                + json(second, !escaped)
                + "}],\"role\":\"assistant\"}]",
            "\"model\":\"m\"");
    Collections.shuffle(members, order);
    String prompt = tools + "\2" + system + "\1user\2" + first + ("\2" + second + "\1assistant");
    assertThat(keys("/v1/messages", "{" + String.join(",", members) + "}"))
        .isEqualTo(PREFIX_KEYS.of(prompt));
  }

  @Test
  void ofAMemberThatIsRepeatedTheLastOneCounts() {
    String last = "\"prompt\":\"" + LONG + "\"";
    assertThat(keys("/v1/completions", "{\"prompt\":[\"other\",1]," + last + "}"))
        .isEqualTo(PREFIX_KEYS.of(LONG));
    assertThat(keys("/v1/completions", "{" + last + ",\"prompt\":null}")).isEmpty();
  }

  @Test
  void tokensCountAsTheyAreWritten() {
    int[] tokens = IntStream.range(-20, 200).toArray();
    String text = Arrays.stream(tokens).mapToObj(t -> t + "\2").collect(Collectors.joining());
    assertThat(keys("/v1/completions", "{\"prompt\":" + Arrays.toString(tokens) + "}"))
        .isEqualTo(PREFIX_KEYS.of(text));
  }

  @Provide
  Arbitrary<String> prompts() {
    return Arbitraries.strings().withChars('a', 'b', 'é', '€', ' ').ofMaxLength(400);
  }

  @Property
  void promptsThatBeginEquallyHaveTheirFirstKeysInCommon(
      @ForAll("prompts") String start, @ForAll("prompts") String a, @ForAll("prompts") String b) {
    String path = "/v1/completions";
    long[] keys = keys(path, "{\"prompt\":\"" + start + "\"}");
    long[] withA = keys(path, "{\"prompt\":\"" + start + a + "\"}");
    long[] withB = keys(path, "{\"prompt\":\"" + start + b + "\"}");
    assertThat(common(keys, withA)).isEqualTo(keys.length);
    assertThat(common(withA, withB)).isGreaterThanOrEqualTo(keys.length);
  }
}
