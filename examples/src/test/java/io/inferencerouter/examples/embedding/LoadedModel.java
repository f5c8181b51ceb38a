package io.inferencerouter.examples.embedding;

import java.io.IOException;
import java.io.UncheckedIOException;

/** The model, loaded once for all tests. */
public final class LoadedModel {
  private LoadedModel() {}

  public static MiniLm get() {
    return Holder.MODEL;
  }

  private static final class Holder {
    static final MiniLm MODEL = load();

    private static MiniLm load() {
      try {
        return MiniLm.load();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
