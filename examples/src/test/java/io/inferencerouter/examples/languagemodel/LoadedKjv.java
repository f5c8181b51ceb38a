package io.inferencerouter.examples.languagemodel;

import java.io.IOException;
import java.io.UncheckedIOException;

/** The model, loaded once for all tests. */
public final class LoadedKjv {
  private LoadedKjv() {}

  public static TinyKjv get() {
    return Holder.MODEL;
  }

  private static final class Holder {
    static final TinyKjv MODEL = load();

    private static TinyKjv load() {
      try {
        return TinyKjv.load();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
