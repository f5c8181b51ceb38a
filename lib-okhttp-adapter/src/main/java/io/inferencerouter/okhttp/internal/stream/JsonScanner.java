package io.inferencerouter.okhttp.internal.stream;

import io.inferencerouter.Usage;
import io.inferencerouter.okhttp.internal.json.UsageReader;

/** Reads an answer that is one JSON document: it has arrived in full when the document ends. */
final class JsonScanner implements BodyScanner {
  /**
   * How much of a document is looked at, in bytes; what is longer costs more time than its usage is
   * worth.
   */
  static final long MAX_SCANNED = 4 << 20;

  private final UsageReader reader = new UsageReader();
  private long scanned;

  @Override
  public void scan(byte[] data, int from, int to) {
    scanned += to - from;
    if (scanned <= MAX_SCANNED) {
      reader.read(data, from, to);
    } else {
      reader.giveUp();
    }
  }

  @Override
  public boolean hasOutput() {
    return scanned > 0;
  }

  @Override
  public boolean isAnswered() {
    return reader.isDocumentEnded();
  }

  @Override
  public Usage usage() {
    return reader.usage();
  }
}
