package io.inferencerouter.okhttp.internal.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.okhttp.internal.json.ModelMentions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.BufferedSink;

class SplicedBodyTest {
  @Provide
  Arbitrary<String> values() {
    return Arbitraries.of(
        "\"big\"",
        "\"\"",
        "\"b\\\"ig\\\\\"",
        "7",
        "null",
        "[\"model\",{\"model\":\"big\"}]",
        "{\"model\":\"x\",\"y\":[]}",
        "\"}\"",
        "\"{\\\"model\\\":\"",
        "\"é€\"");
  }

  @Provide
  Arbitrary<String> spaces() {
    return Arbitraries.of("", " ", "\n\t ");
  }

  @Property
  void nothingButTheModelIsReplacedHoweverTheBodyIsWritten(
      @ForAll @Size(max = 4) List<@net.jqwik.api.From("values") String> before,
      @ForAll @Size(max = 4) List<@net.jqwik.api.From("values") String> after,
      @ForAll("spaces") String space,
      @ForAll String model,
      @ForAll @Size(max = 30) List<@IntRange(min = 1, max = 9) Integer> cuts)
      throws IOException {
    String start = space + "{" + members("a", before, space) + space + "\"model\"" + space + ":";
    String end = space + "," + members("b", after, space) + "\"end\":1}" + space;
    byte[] bytes = (start + space + "\"big\"" + end).getBytes(StandardCharsets.UTF_8);
    ModelMentions mentions = new ModelMentions();
    mentions.scan(bytes, 0, bytes.length);
    assertThat(mentions.isWhole()).isTrue();

    List<Splice> splices = mentions.naming(model);
    assertThat(splices).hasSize(1);
    String quoted = new String(splices.get(0).replacement(), StandardCharsets.UTF_8);
    RequestBody spliced = new SplicedBody(inPieces(bytes, cuts), splices);
    Buffer written = new Buffer();
    spliced.writeTo(written);
    assertThat(written.size()).isEqualTo(spliced.contentLength());
    assertThat(written.readUtf8()).isEqualTo(start + space + quoted + end);
  }

  private static String members(String prefix, List<String> values, String space) {
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      members.append('"').append(prefix).append(i).append('"').append(space).append(':');
      members.append(space).append(values.get(i)).append(space).append(',');
    }
    return members.toString();
  }

  private static RequestBody inPieces(byte[] bytes, List<Integer> cuts) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return null;
      }

      @Override
      public long contentLength() {
        return bytes.length;
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        int from = 0;
        for (int cut : cuts) {
          int to = Math.min(bytes.length, from + cut);
          sink.write(bytes, from, to - from).flush();
          from = to;
        }
        sink.write(bytes, from, bytes.length - from);
      }
    };
  }
}
