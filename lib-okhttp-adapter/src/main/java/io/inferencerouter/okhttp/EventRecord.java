package io.inferencerouter.okhttp;

import java.util.ArrayList;
import java.util.List;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The events of a stream as they arrive. Whole ones are to be passed on, and what they say is kept
 * as far as it fits; one that has not ended is held back, so that another stream can take up where
 * the last whole one has ended. Not safe for use by several threads at once.
 */
final class EventRecord {
  /** An event that is longer than this is passed on before it has ended. */
  private static final int MAX_HELD_BACK = PartialAnswer.MAX_DATA;

  private static final String DATA = "data";

  private final Buffer begun = new Buffer();
  private final Buffer whole = new Buffer();
  private final List<String> data = new ArrayList<>();
  private int dataLength;
  private boolean dataFits = true;
  private long events;
  private long bytes;
  private boolean isBegunPassed;
  private boolean isLineEmpty = true;
  private boolean afterCarriageReturn;

  /** Takes bytes that have arrived. */
  void add(Buffer arrived) {
    byte[] bytes = arrived.readByteArray();
    for (byte b : bytes) {
      begun.writeByte(b);
      if (b == '\n' && afterCarriageReturn) {
        if (begun.size() == 1) {
          passBegun(); // the second half of the line's end that has ended an event
        }
      } else if (b != '\n' && b != '\r') {
        isLineEmpty = false;
      } else if (isLineEmpty) {
        endEvent();
      } else {
        isLineEmpty = true;
      }
      afterCarriageReturn = b == '\r';
    }
    if (begun.size() > MAX_HELD_BACK) {
      passBegun();
      isBegunPassed = true;
    }
  }

  private void endEvent() {
    String said = data(begun.snapshot().utf8());
    if (isBegunPassed || said != null) {
      events++;
      keep(said == null ? "" : said);
    }
    passBegun();
    isBegunPassed = false;
  }

  private void keep(String said) {
    dataFits &= !isBegunPassed && dataLength + said.length() <= PartialAnswer.MAX_DATA;
    if (dataFits) {
      dataLength += said.length();
      data.add(said);
    }
  }

  /** The data of an event; null if it has none. */
  private static @Nullable String data(String event) {
    @Nullable StringBuilder said = null;
    for (String line : event.lines().toList()) {
      int colon = line.indexOf(':');
      if ((colon < 0 ? line : line.substring(0, colon)).equals(DATA)) {
        String value = colon < 0 ? "" : line.substring(colon + 1);
        said = said == null ? new StringBuilder() : said.append('\n');
        said.append(value.startsWith(" ") ? value.substring(1) : value);
      }
    }
    return said == null ? null : said.toString();
  }

  private void passBegun() {
    bytes += begun.size();
    whole.write(begun, begun.size());
  }

  /** What is to be passed on. */
  Buffer whole() {
    return whole;
  }

  /** Passes on what has arrived of an event that will not end. */
  void passRest() {
    passBegun();
  }

  /** Whether everything that was passed on ends with a whole event. */
  boolean isAtEndOfEvent() {
    return !isBegunPassed;
  }

  /** Forgets what has arrived of an event that will not end: another stream follows. */
  void startAnew() {
    begun.clear();
    isLineEmpty = true;
    afterCarriageReturn = false;
  }

  /** What was passed on. */
  PartialAnswer received() {
    return new PartialAnswer(bytes, events, data);
  }
}
