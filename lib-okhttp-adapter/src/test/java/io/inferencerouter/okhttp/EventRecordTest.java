package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import okio.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventRecordTest {
  private final EventRecord record = new EventRecord();

  private String add(String text) {
    record.add(new Buffer().writeUtf8(text));
    return record.whole().readUtf8();
  }

  @Test
  void anEventIsPassedOnWhenItIsWhole() {
    assertThat(add("data: a")).isEmpty();
    assertThat(add("\n")).isEmpty();
    assertThat(add("\ndata: b")).isEqualTo("data: a\n\n");
    assertThat(record.received().data()).containsExactly("a");
    assertThat(record.received().bytes()).isEqualTo(9);
    record.passRest();
    assertThat(record.whole().readUtf8()).isEqualTo("data: b");
    assertThat(record.received().bytes()).isEqualTo(16);
    assertThat(record.received().events()).isEqualTo(1);
  }

  @Test
  void anotherStreamTakesUpWhereTheLastWholeEventHasEnded() {
    String before = add("data: a\n\ndata: b\ndata: c");
    record.startAnew();
    assertThat(before + add("data: d\n\n")).isEqualTo("data: a\n\ndata: d\n\n");
    assertThat(record.received().data()).containsExactly("a", "d");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r", "\r\n"})
  void linesEndInThreeWays(String end) {
    String text = String.join(end, "event: e", "data: 1", "data:2", "data", "id: 7", "", ": c", "");
    assertThat(add(text + end)).isEqualTo(text + end);
    assertThat(record.received().data()).containsExactly("1\n2\n");
    assertThat(record.received().events()).isEqualTo(1);
  }

  @Property(tries = 200)
  void howTheBytesArriveDoesNotMatter(@ForAll List<@IntRange(min = 1, max = 9) Integer> sizes)
      throws IOException {
    String text = "data: ä\r\n\r\n: ping\n\ndata: b\rdata: c\r\revent: x\n\ndata: d\n\n";
    EventRecord pieces = new EventRecord();
    Buffer bytes = new Buffer().writeUtf8(text);
    Buffer passed = new Buffer();
    for (int size : sizes) {
      Buffer piece = new Buffer();
      piece.write(bytes, Math.min(size, bytes.size()));
      pieces.add(piece);
      passed.writeAll(pieces.whole());
    }
    pieces.add(bytes);
    passed.writeAll(pieces.whole());
    assertThat(passed.readUtf8()).isEqualTo(text);
    assertThat(pieces.received().data()).containsExactly("ä", "b\nc", "d");
    assertThat(pieces.received().isDataComplete()).isTrue();
  }

  @Test
  void noMoreDataIsKeptThanFits() {
    String half = "x".repeat(PartialAnswer.MAX_DATA / 2);
    for (int i = 0; i < 4; i++) {
      assertThat(add("data: " + half + "\n\n")).hasSize(half.length() + 8);
    }
    assertThat(record.received().data()).hasSize(2);
    assertThat(record.received().events()).isEqualTo(4);
    assertThat(record.received().isDataComplete()).isFalse();
  }

  @Test
  void anEventThatIsTooLongIsPassedOnAndCannotBeTakenUp() {
    String text = "data: " + "x".repeat(PartialAnswer.MAX_DATA);
    assertThat(add(text)).isEqualTo(text);
    assertThat(record.isAtEndOfEvent()).isFalse();
    assertThat(add("\n\n")).isEqualTo("\n\n");
    assertThat(record.isAtEndOfEvent()).isTrue();
    assertThat(record.received().events()).isEqualTo(1);
    assertThat(record.received().data()).isEmpty();
  }
}
