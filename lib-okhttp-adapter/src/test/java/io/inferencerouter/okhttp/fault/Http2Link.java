package io.inferencerouter.okhttp.fault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The server's side of HTTP/2 on a connection, frame by frame (RFC 9113). It reads only as much of
 * the headers as it takes to know where they end.
 */
public final class Http2Link {
  /** Error codes of section 7. */
  public static final int NO_ERROR = 0;

  public static final int INTERNAL_ERROR = 2;
  public static final int REFUSED_STREAM = 7;
  public static final int CANCEL = 8;

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;

  private static final int ACK = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int PREFACE_LENGTH = 24;

  private final Link link;

  /** Begins to speak HTTP/2, with prior knowledge. */
  public Http2Link(Link link) throws IOException {
    this.link = link;
    link.in().skipNBytes(PREFACE_LENGTH);
    send(SETTINGS, 0, 0, new byte[0]);
  }

  private record Frame(int type, int flags, int stream, ByteBuffer payload) {
    boolean is(int otherType, int flag) {
      return type == otherType && (flags & flag) != 0;
    }
  }

  /**
   * Reads a whole request.
   *
   * @return its stream
   */
  public int awaitRequest() throws IOException {
    while (true) {
      Frame frame = next();
      if (frame.is(DATA, END_STREAM) || frame.is(HEADERS, END_STREAM)) {
        return frame.stream;
      }
    }
  }

  /**
   * Reads the head of a request, and nothing of its body.
   *
   * @return its stream
   */
  public int awaitHead() throws IOException {
    while (true) {
      Frame frame = next();
      if (frame.is(HEADERS, END_HEADERS)) {
        return frame.stream;
      }
    }
  }

  /**
   * Reads until the client gives a stream up.
   *
   * @return the error code it gives
   */
  public int awaitReset(int stream) throws IOException {
    while (true) {
      Frame frame = next();
      if (frame.type == RST_STREAM && frame.stream == stream) {
        return frame.payload.getInt();
      }
    }
  }

  private Frame next() throws IOException {
    ByteBuffer head = ByteBuffer.wrap(link.in().readNBytes(9));
    if (head.remaining() < 9) {
      throw new IOException("the client has closed");
    }
    int lengthAndType = head.getInt();
    Frame frame =
        new Frame(
            lengthAndType & 0xff,
            head.get() & 0xff,
            head.getInt() & Integer.MAX_VALUE,
            ByteBuffer.wrap(link.in().readNBytes(lengthAndType >>> 8)));
    if ((frame.type == SETTINGS || frame.type == PING) && (frame.flags & ACK) == 0) {
      byte[] echo = new byte[frame.type == PING ? frame.payload.remaining() : 0];
      frame.payload.get(echo);
      send(frame.type, ACK, 0, echo);
    }
    return frame;
  }

  /** Begins a response 200 with a content type. */
  public void respond(int stream, String contentType) throws IOException {
    byte[] value = contentType.getBytes(StandardCharsets.US_ASCII);
    // HPACK: ":status: 200" is entry 8 of the static table, the name "content-type" is entry 31.
    ByteBuffer block = ByteBuffer.allocate(4 + value.length);
    block.put((byte) 0x88).put((byte) 0x0f).put((byte) 0x10).put((byte) value.length).put(value);
    send(HEADERS, END_HEADERS, stream, block.array());
  }

  /** Sends a whole response 303. */
  public void redirect(int stream, String location) throws IOException {
    byte[] value = location.getBytes(StandardCharsets.US_ASCII);
    // HPACK: the names ":status" and "location" are entries 8 and 46 of the static table.
    ByteBuffer block = ByteBuffer.allocate(8 + value.length);
    block.put((byte) 0x08).put((byte) 3).put("303".getBytes(StandardCharsets.US_ASCII));
    block.put((byte) 0x0f).put((byte) 0x1f).put((byte) value.length).put(value);
    send(HEADERS, END_HEADERS | END_STREAM, stream, block.array());
  }

  /** Sends a piece of the body. */
  public void data(int stream, String text, boolean last) throws IOException {
    send(DATA, last ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Gives a stream up. */
  public void reset(int stream, int error) throws IOException {
    send(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(error).array());
  }

  /**
   * Takes no more streams.
   *
   * @param last the last one that was, or may have been, processed
   */
  public void goAway(int last, int error) throws IOException {
    send(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(last).putInt(error).array());
  }

  private void send(int type, int flags, int stream, byte[] payload) throws IOException {
    link.send(
        ByteBuffer.allocate(9 + payload.length)
            .putInt(payload.length << 8 | type)
            .put((byte) flags)
            .putInt(stream)
            .put(payload)
            .array());
  }
}
