package io.inferencerouter.benchmarks.simulation.workload;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The text of a trace, unpacked where it is packed; whatever is not whole is an error. */
final class TraceInput {
  private static final int BUFFER = 1 << 16;
  private static final int MAGIC_FIRST = 0x1f;
  private static final int MAGIC_SECOND = 0x8b;

  private TraceInput() {}

  static Reader open(Path file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      raw.mark(2);
      boolean packed = raw.read() == MAGIC_FIRST && raw.read() == MAGIC_SECOND;
      raw.reset();
      if (!packed && file.toString().endsWith(".gz")) {
        throw new ZipException("not a gzip stream");
      }
      return new BufferedReader(
          new InputStreamReader(
              packed ? new WholeGzip(raw) : raw, StandardCharsets.UTF_8.newDecoder()),
          BUFFER);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /** The parent takes what it cannot read behind a packed part for the end, and says nothing. */
  private static final class WholeGzip extends GZIPInputStream {
    private static final int TRAILER = 8;

    WholeGzip(InputStream packed) throws IOException {
      super(packed, BUFFER);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      if (count < 0 && (inf.getRemaining() > TRAILER || in.read() >= 0)) {
        throw new ZipException("bytes behind the end of the gzip stream");
      }
      return count;
    }
  }
}
