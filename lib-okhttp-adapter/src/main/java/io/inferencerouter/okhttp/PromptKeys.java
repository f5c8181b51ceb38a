package io.inferencerouter.okhttp;

import io.inferencerouter.core.affinity.PrefixKeys;
import io.inferencerouter.okhttp.internal.json.PromptText;

/** The prefix keys of one prompt. Not safe for use by several threads at once. */
final class PromptKeys implements PromptText {
  private final PrefixKeys.Digest digest;

  PromptKeys(PrefixKeys keys) {
    digest = keys.start();
  }

  @Override
  public void add(byte[] utf8, int offset, int length) {
    digest.update(utf8, offset, length);
  }

  @Override
  public void add(char unit) {
    digest.update(unit);
  }

  long[] keys() {
    return digest.keys();
  }
}
