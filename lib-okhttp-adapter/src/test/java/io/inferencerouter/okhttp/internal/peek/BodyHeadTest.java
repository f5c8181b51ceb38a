package io.inferencerouter.okhttp.internal.peek;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.BufferedSink;
import okio.ByteString;
import org.junit.jupiter.api.Test;

class BodyHeadTest {
  /** One way of writing some bytes. */
  interface Step {
    void write(BufferedSink sink) throws IOException;
  }

  private static RequestBody body(List<Step> steps) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return null;
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        for (Step step : steps) {
          step.write(sink);
        }
      }
    };
  }

  @Provide
  Arbitrary<Step> steps() {
    Arbitrary<Integer> ways = Arbitraries.integers().between(0, 19);
    Arbitrary<byte[]> bytes =
        Arbitraries.bytes().between((byte) 32, (byte) 126).array(byte[].class).ofMaxSize(20_000);
    return Combinators.combine(ways, bytes).as(BodyHeadTest::step);
  }

  private static Step step(int way, byte[] bytes) {
    String text = new String(bytes, StandardCharsets.US_ASCII);
    int half = bytes.length / 2;
    return switch (way) {
      case 0 -> sink -> sink.write(bytes);
      case 1 -> sink -> sink.write(bytes, half, bytes.length - half);
      case 2 -> sink -> sink.write(ByteString.of(bytes));
      case 3 -> sink -> sink.write(ByteString.of(bytes), half, bytes.length - half);
      case 4 -> sink -> sink.writeAll(new Buffer().write(bytes));
      case 5 -> sink -> sink.write((okio.Source) new Buffer().write(bytes), half);
      case 6 -> sink -> sink.write(new Buffer().write(bytes), half);
      case 7 -> sink -> sink.writeUtf8(text);
      case 8 -> sink -> sink.writeUtf8(text, half, bytes.length);
      case 9 -> sink -> sink.writeString(text, StandardCharsets.UTF_16LE);
      case 10 -> sink -> sink.writeString(text, half, bytes.length, StandardCharsets.UTF_8);
      case 11 -> sink -> sink.getBuffer().write(bytes);
      case 12 -> sink -> sink.write(ByteBuffer.wrap(bytes));
      case 13 ->
          sink -> {
            OutputStream out = sink.outputStream();
            out.write(half);
            out.write(bytes);
            out.flush();
          };
      case 14 -> sink -> sink.writeByte(half).writeShort(half).writeShortLe(half);
      case 15 -> sink -> sink.writeInt(half).writeIntLe(half);
      case 16 -> sink -> sink.writeLong(half).writeLongLe(half);
      case 17 -> sink -> sink.writeDecimalLong(half).writeHexadecimalUnsignedLong(half);
      case 18 -> sink -> sink.writeUtf8CodePoint(0x20ac).emit().emitCompleteSegments();
      default -> BufferedSink::flush;
    };
  }

  @Property
  void itIsTheBeginningOfWhatTheBodyWrites(
      @ForAll List<@net.jqwik.api.From("steps") Step> steps,
      @ForAll @IntRange(min = 1, max = 60_000) int limit)
      throws IOException {
    RequestBody body = body(steps);
    Buffer whole = new Buffer();
    body.writeTo(whole);
    byte[] expected = whole.readByteArray();
    BodyHead head = BodyHead.of(body, limit, -1);
    int size = Math.min(limit, expected.length);
    assertThat(Arrays.copyOf(head.bytes(), head.size())).isEqualTo(Arrays.copyOf(expected, size));
    assertThat(head.isTruncated()).isEqualTo(expected.length > limit);
  }

  @Test
  void aLengthThatIsNotTrueDoesNoHarm() throws IOException {
    byte[] bytes = new byte[5000];
    assertThat(BodyHead.of(RequestBody.create(bytes), 4000, 10).size()).isEqualTo(4000);
    assertThat(BodyHead.of(RequestBody.create(bytes), 8000, 0).size()).isEqualTo(5000);
    assertThat(BodyHead.of(RequestBody.create(bytes), 8000, 1L << 40).size()).isEqualTo(5000);
  }
}
