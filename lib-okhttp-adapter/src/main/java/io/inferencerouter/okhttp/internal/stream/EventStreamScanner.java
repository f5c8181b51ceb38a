package io.inferencerouter.okhttp.internal.stream;

import io.inferencerouter.Usage;
import io.inferencerouter.okhttp.internal.api.StreamEnd;
import io.inferencerouter.okhttp.internal.json.UsageReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads a stream of server-sent events (WHATWG HTML, section 9.2) as far as it matters here: which
 * events are outputs, and which one ends the answer ({@link EventKind}). Whatever its name, and
 * without one as well, an event is a failure if its data is a JSON object that states an error.
 *
 * <p>A stream whose body ends before the answer does has failed, too, if its API is one that always
 * ends its streams; provided that some of its events were seen, which for an API that names them
 * means those with names, for there are servers that leave the names out.
 *
 * <p>It is a state machine over single bytes, because a read may end anywhere, within a line,
 * between CR and LF, or within a character. Data that looks like JSON goes on to the {@link
 * UsageReader} in place, without being copied; of everything else no more than the first {@value
 * #MAX_HEAD} bytes of a line are kept.
 */
final class EventStreamScanner implements BodyScanner {
  private static final int MAX_HEAD = 64;
  private static final byte[] LINE_FEED = {'\n'};
  private static final byte[] DATA = ascii("data:");
  private static final byte[] DONE = ascii("[DONE]");
  private static final byte[] EVENT = ascii("event:");

  private enum State {
    /** Within the field's name. */
    NAME,
    /** After the colon of {@code data:}. */
    DATA_START,
    /** Within data that is JSON. */
    JSON,
    /** Within a value of which the head is kept: an event's name, or data that is not JSON. */
    VALUE,
    /** Within a line that does not matter. */
    SKIP
  }

  private final StreamEnd expectedEnd;
  private final UsageReader usage = new UsageReader();
  private final byte[] head = new byte[MAX_HEAD];
  private int headLength;
  private State state = State.NAME;
  private boolean afterCarriageReturn;
  private boolean valueIsData;
  private boolean eventHasData;
  private boolean eventHasError;
  private EventKind kind = EventKind.OUTPUT;
  private boolean answered;
  private boolean noticed;
  private boolean truncated;
  private long outputs;
  private long events;

  EventStreamScanner(StreamEnd expectedEnd) {
    this.expectedEnd = expectedEnd;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void scan(byte[] data, int from, int to) {
    int at = from;
    while (at < to && !answered) {
      byte b = data[at];
      if (b == '\n' || b == '\r') {
        if (b == '\r' || !afterCarriageReturn) {
          endLine();
        }
        afterCarriageReturn = b == '\r';
        at++;
        continue;
      }
      afterCarriageReturn = false;
      switch (state) {
        case NAME -> {
          name(b);
          at++;
        }
        case DATA_START -> at += dataStart(b);
        case VALUE -> {
          keep(b);
          at++;
        }
        case JSON -> {
          int end = endOfLine(data, at, to);
          usage.read(data, at, end);
          at = end;
        }
        case SKIP -> at = endOfLine(data, at, to);
      }
    }
  }

  private static int endOfLine(byte[] data, int from, int to) {
    int at = from;
    while (at < to && data[at] != '\n' && data[at] != '\r') {
      at++;
    }
    return at;
  }

  private void name(byte b) {
    if (headLength == EVENT.length) {
      state = State.SKIP;
      return;
    }
    keep(b);
    if (b == ':') {
      valueIsData = headIs(DATA);
      state = valueIsData ? State.DATA_START : headIs(EVENT) ? State.VALUE : State.SKIP;
      headLength = 0;
    }
  }

  /** Decides by the first byte of the data what it is; returns how many bytes were used. */
  private int dataStart(byte b) {
    if (b == ' ') {
      return 1;
    }
    if (b == '[') {
      state = State.VALUE;
      return 0;
    }
    state = State.JSON;
    return 0;
  }

  /** A line of data, which is not the mark of the end, has ended. */
  private void data() {
    if (!eventHasData) {
      eventHasData = true;
      noticed |= kind == EventKind.NOTICE;
      if (kind == EventKind.OUTPUT && !eventHasError) {
        outputs++;
      }
    }
  }

  private void keep(byte b) {
    if (headLength < MAX_HEAD) {
      head[headLength] = b;
    }
    headLength = Math.min(headLength + 1, MAX_HEAD + 1);
  }

  private boolean headIs(byte[] text) {
    int length = headLength;
    while (length > 0 && length <= MAX_HEAD && head[length - 1] == ' ') {
      length--;
    }
    return length == text.length && Arrays.equals(head, 0, length, text, 0, text.length);
  }

  private void endLine() {
    switch (state) {
      case NAME -> {
        if (headLength == 0) {
          endEvent();
        }
      }
      case JSON -> {
        usage.read(LINE_FEED, 0, 1);
        eventHasError |= usage.hasError();
        data();
      }
      case VALUE -> endValue();
      case DATA_START, SKIP -> {}
    }
    state = State.NAME;
    headLength = 0;
  }

  private void endValue() {
    if (valueIsData) {
      answered = headIs(DONE);
      if (!answered) {
        data();
      }
    } else {
      kind = EventKind.of(eventName());
      answered = kind == EventKind.STOP;
    }
  }

  private void endEvent() {
    if (eventHasData) {
      events++;
    }
    if (eventHasError) {
      kind = EventKind.FAILURE;
    }
    answered |= eventHasData && kind.endsTheAnswer();
    if (!answered) {
      eventHasData = false;
      kind = EventKind.OUTPUT;
    }
  }

  /** The name of an event, without the one space after the colon; empty if it is long. */
  private String eventName() {
    int start = headLength > 0 && head[0] == ' ' ? 1 : 0;
    return headLength > MAX_HEAD
        ? ""
        : new String(head, start, headLength - start, StandardCharsets.US_ASCII);
  }

  /** What was begun counts, also without the empty line that should be at its end. */
  @Override
  public void end() {
    if (!answered) {
      endLine();
      endLine();
      truncated = !answered && isEndMissing();
    }
  }

  private boolean isEndMissing() {
    return switch (expectedEnd) {
      case UNKNOWN -> false;
      case MARK -> outputs > 0;
      case NAMED_EVENT -> noticed;
    };
  }

  @Override
  public boolean hasFailed() {
    return truncated || (answered && kind == EventKind.FAILURE);
  }

  @Override
  public boolean hasOutput() {
    return outputs > 0;
  }

  @Override
  public boolean countsOutputs() {
    return true;
  }

  @Override
  public long outputs() {
    return outputs;
  }

  @Override
  public long events() {
    return events;
  }

  @Override
  public boolean isAnswered() {
    return answered;
  }

  @Override
  public Usage usage() {
    return usage.usage();
  }
}
