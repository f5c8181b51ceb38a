package io.inferencerouter.examples.demo.transport;

import java.io.IOException;
import java.util.Arrays;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;

/** Reads the body of a response, as a client does. */
public enum BodyReader {
  /** All at once. */
  WHOLE {
    @Override
    public Body read(ResponseBody body) throws IOException {
      return new Body(body.bytes(), NONE);
    }
  },

  /** Event by event, noting when each event that carries output was here. */
  CHAT_STREAM {
    @Override
    public Body read(ResponseBody body) throws IOException {
      BufferedSource source = body.source();
      Buffer read = new Buffer();
      long[] outputs = new long[64];
      int count = 0;
      long lineEnd = source.indexOf(LINE_FEED);
      while (lineEnd >= 0) {
        ByteString line = source.readByteString(lineEnd + 1);
        if (line.startsWith(DATA) && line.indexOf(DELTA) >= 0) {
          if (count == outputs.length) {
            outputs = Arrays.copyOf(outputs, 2 * count);
          }
          outputs[count++] = System.nanoTime();
        }
        read.write(line);
        lineEnd = source.indexOf(LINE_FEED);
      }
      read.writeAll(source);
      return new Body(read.readByteArray(), Arrays.copyOf(outputs, count));
    }
  };

  private static final long[] NONE = {};
  private static final byte LINE_FEED = '\n';
  private static final ByteString DATA = ByteString.encodeUtf8("data:");
  private static final ByteString DELTA = ByteString.encodeUtf8("\"delta\":");

  /** Reads to the end. */
  public abstract Body read(ResponseBody body) throws IOException;

  /**
   * What was read.
   *
   * @param bytes all of it
   * @param outputNanos when each output was here, on the clock of {@link System#nanoTime()}
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
  public record Body(byte[] bytes, long[] outputNanos) {}
}
