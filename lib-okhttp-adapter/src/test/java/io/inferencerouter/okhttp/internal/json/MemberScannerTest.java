package io.inferencerouter.okhttp.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemberScannerTest {
  private final List<String> found = new ArrayList<>();
  private byte[] text = {};

  private MemberScanner scanner() {
    return new MemberScanner(
        (name, value, start, end) -> {
          String all = new String(text, (int) start, (int) (end - start), StandardCharsets.UTF_8);
          String kept = new String(value, StandardCharsets.UTF_8);
          found.add(new String(name, StandardCharsets.UTF_8) + "=" + all);
          assertThat(kept).isIn("", all);
        });
  }

  private MemberScanner scan(String json) {
    found.clear();
    text = json.getBytes(StandardCharsets.UTF_8);
    MemberScanner scanner = scanner();
    scanner.scan(text, 0, text.length);
    return scanner;
  }

  @Test
  void membersAreFoundWithTheirPlaces() {
    MemberScanner scanner =
        scan(
            " { \"a\" : \"x\\\"}{\" , \"b\\u0063\":[1,{\"a\":\"]\\\\\"}],\"d\":-1.5e3 ,\"é\":null"
                + ",\"e\":{}, \"f\":true}\n");
    assertThat(scanner.isWhole()).isTrue();
    assertThat(found)
        .containsExactly(
            "\"a\"=\"x\\\"}{\"",
            "\"b\\u0063\"=[1,{\"a\":\"]\\\\\"}]",
            "\"d\"=-1.5e3",
            "\"é\"=null",
            "\"e\"={}",
            "\"f\"=true");
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheObject() {
    assertThat(scan("\uFEFF{\"a\":1}").isWhole()).isTrue();
    assertThat(found).containsExactly("\"a\"=1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "7",
        "\"a\"",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\" 1}",
        "{\"a\":}",
        "{\"a\":1}{",
        "{\"a\":1}]",
        "{\"a\":[1}",
        "{\"a\":1 2}",
        "{\"a\":1\"b\":2}",
        "{\"a\":\"x\"\"b\":2}",
        "{\"a\":tr[ue}",
      })
  void whatIsNoObjectIsNotWhole(String json) {
    assertThat(scan(json).isWhole()).isFalse();
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "{",
            "}",
            "[",
            "]",
            "\"",
            "\\",
            ":",
            ",",
            " ",
            "1",
            "true",
            "\"a\"",
            "\"model\":",
            "{\"a\":[\"b\"]}",
            "é");
    return pieces.list().ofMaxSize(20).map(all -> "{" + String.join("", all) + "}");
  }

  @Property
  void howTheBytesAreCutDoesNotMatter(
      @ForAll("texts") String json,
      @ForAll @Size(max = 30) List<@IntRange(min = 1, max = 9) Integer> cuts) {
    boolean whole = scan(json).isWhole();
    List<String> expected = List.copyOf(found);
    found.clear();
    MemberScanner scanner = scanner();
    int from = 0;
    for (int cut : cuts) {
      int to = Math.min(text.length, from + cut);
      scanner.scan(text, from, to);
      from = to;
    }
    scanner.scan(text, from, text.length);
    assertThat(found).isEqualTo(expected);
    assertThat(scanner.isWhole()).isEqualTo(whole);
  }

  @Property
  void anyBytesCanBeScanned(@ForAll @Size(max = 300) byte[] bytes) {
    MemberScanner scanner = new MemberScanner((name, value, start, end) -> {});
    boolean more = scanner.scan(bytes, 0, bytes.length);
    assertThat(scanner.isWhole() && !more).isFalse();
  }

  @Test
  void whatIsLongIsFoundAndNotKept() {
    String json =
        "{\"a\":\""
            + "x".repeat(MemberScanner.MAX_KEPT)
            + "\",\""
            + "n".repeat(MemberScanner.MAX_KEPT)
            + "\":1,\"b\":2}";
    BodyOutline outline = new BodyOutline();
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    assertThat(outline.scan(bytes, 0, bytes.length)).isTrue();
    assertThat(new String(outline.toBytes(), StandardCharsets.UTF_8)).isEqualTo("{\"b\":2}");
  }

  @Test
  void anOutlineHasABound() {
    StringBuilder json = new StringBuilder("{\"first\":1");
    for (int i = 0; i < 50_000; i++) {
      json.append(",\"a").append(i).append("\":\"x\"");
    }
    byte[] bytes = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    BodyOutline outline = new BodyOutline();
    outline.scan(bytes, 0, bytes.length);
    assertThat(outline.toBytes()).hasSizeLessThanOrEqualTo(BodyOutline.MAX_SIZE);
    assertThat(new String(outline.toBytes(), StandardCharsets.UTF_8))
        .startsWith("{\"first\":1,")
        .endsWith("}");
  }
}
