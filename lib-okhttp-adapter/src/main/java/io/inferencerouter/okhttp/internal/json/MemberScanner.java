package io.inferencerouter.okhttp.internal.json;

import java.io.ByteArrayOutputStream;

/**
 * Finds the members of the one object that a JSON text consists of, while its bytes pass by in
 * pieces of any size, in UTF-8. Of what is inside of them nothing but the end is looked for, so it
 * is fast and needs a bounded amount of memory, whatever the text; it also takes some texts that
 * are no JSON, in what is inside of a member.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class MemberScanner {
  /** The longest name and the longest value that are passed on, in bytes as they are written. */
  public static final int MAX_KEPT = 8 * 1024;

  /** Hears of members, in the order of the text. */
  @FunctionalInterface
  public interface Members {
    /**
     * A member ended.
     *
     * @param name the name as it is written, with its quotes
     * @param value the value as it is written; empty if it is an object or an array, or long
     * @param start where the value starts, counted from the first byte of the text
     * @param end where it ends, exclusive
     */
    void member(byte[] name, byte[] value, long start, long end);
  }

  private enum State {
    BEFORE_OBJECT,
    BEFORE_FIRST_NAME,
    BEFORE_NAME,
    NAME,
    BEFORE_COLON,
    BEFORE_VALUE,
    TEXT,
    LITERAL,
    STRUCTURE,
    TEXT_IN_STRUCTURE,
    AFTER_VALUE,
    AFTER_OBJECT,
    MALFORMED
  }

  private static final byte[] NONE = {};
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final Members members;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream(64);
  private State state = State.BEFORE_OBJECT;
  private byte[] name = NONE;
  private boolean escaped;
  private long keptCount;
  private int depth;
  private long position;
  private long start;

  /** A scanner for one text. */
  public MemberScanner(Members members) {
    this.members = members;
  }

  /**
   * Looks at the next bytes.
   *
   * @return whether more could change anything: false once it is clear that this is no object
   */
  public boolean scan(byte[] data, int from, int to) {
    long offset = position - from;
    for (int at = from; at < to; at++) {
      byte b = data[at];
      switch (state) {
        case TEXT, NAME -> text(b, offset + at);
        case STRUCTURE -> structure(b, offset + at);
        case TEXT_IN_STRUCTURE -> at = textInStructure(data, at, to);
        case LITERAL -> literal(b, offset + at);
        default -> between(b, offset + at);
      }
    }
    position += to - from;
    return state != State.MALFORMED;
  }

  /** Most bytes of large bodies are in here. Returns the index of the last byte that was used. */
  private int textInStructure(byte[] data, int from, int to) {
    int at = from;
    if (escaped) {
      escaped = false;
      return at;
    }
    while (data[at] != '"' && data[at] != '\\') {
      if (++at == to) {
        return at - 1;
      }
    }
    escaped = data[at] == '\\';
    if (!escaped) {
      state = State.STRUCTURE;
    }
    return at;
  }

  private void text(byte b, long at) {
    keep(b);
    if (escaped) {
      escaped = false;
    } else if (b == '\\') {
      escaped = true;
    } else if (b == '"') {
      if (state == State.NAME) {
        name = takeKept();
        state = State.BEFORE_COLON;
      } else {
        end(at + 1);
      }
    }
  }

  private void structure(byte b, long at) {
    switch (b) {
      case '"' -> state = State.TEXT_IN_STRUCTURE;
      case '{', '[' -> depth++;
      case '}', ']' -> {
        if (--depth == 0) {
          end(at + 1);
        }
      }
      default -> {}
    }
  }

  private void literal(byte b, long at) {
    if (b == ',' || b == '}' || isSpace(b)) {
      end(at);
      between(b, at);
    } else if (b == '"' || b == '{' || b == '[' || b == ']' || b == ':') {
      state = State.MALFORMED;
    } else {
      keep(b);
    }
  }

  private void between(byte b, long at) {
    if (isSpace(b)) {
      return;
    }
    state =
        switch (state) {
          case BEFORE_OBJECT ->
              b == '{'
                  ? State.BEFORE_FIRST_NAME
                  : at < BYTE_ORDER_MARK.length && b == BYTE_ORDER_MARK[(int) at]
                      ? State.BEFORE_OBJECT
                      : State.MALFORMED;
          case BEFORE_FIRST_NAME -> b == '}' ? State.AFTER_OBJECT : beforeName(b);
          case BEFORE_NAME -> beforeName(b);
          case BEFORE_COLON -> b == ':' ? State.BEFORE_VALUE : State.MALFORMED;
          case BEFORE_VALUE -> beforeValue(b, at);
          case AFTER_VALUE ->
              b == ',' ? State.BEFORE_NAME : b == '}' ? State.AFTER_OBJECT : State.MALFORMED;
          default -> State.MALFORMED;
        };
  }

  private State beforeName(byte b) {
    if (b != '"') {
      return State.MALFORMED;
    }
    keep(b);
    return State.NAME;
  }

  private State beforeValue(byte b, long at) {
    start = at;
    switch (b) {
      case '{', '[' -> {
        depth = 1;
        keptCount = MAX_KEPT + 1L;
        return State.STRUCTURE;
      }
      case '"' -> {
        keep(b);
        return State.TEXT;
      }
      case ',', '}', ']', ':' -> {
        return State.MALFORMED;
      }
      default -> {
        keep(b);
        return State.LITERAL;
      }
    }
  }

  private void end(long end) {
    members.member(name, takeKept(), start, end);
    state = State.AFTER_VALUE;
  }

  private void keep(byte b) {
    if (keptCount++ < MAX_KEPT) {
      kept.write(b);
    }
  }

  private byte[] takeKept() {
    byte[] taken = keptCount <= MAX_KEPT ? kept.toByteArray() : NONE;
    kept.reset();
    keptCount = 0;
    return taken;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  /** Whether the object has ended, and nothing but white space came after it. */
  public boolean isWhole() {
    return state == State.AFTER_OBJECT;
  }
}
