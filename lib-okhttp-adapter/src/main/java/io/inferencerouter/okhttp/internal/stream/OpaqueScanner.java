package io.inferencerouter.okhttp.internal.stream;

import io.inferencerouter.Usage;

/** Sees that something arrives and understands nothing of it. */
final class OpaqueScanner implements BodyScanner {
  private boolean begun;

  @Override
  public void scan(byte[] data, int from, int to) {
    begun |= to > from;
  }

  @Override
  public boolean hasOutput() {
    return begun;
  }

  @Override
  public boolean isAnswered() {
    return false;
  }

  @Override
  public Usage usage() {
    return Usage.unknown();
  }
}
