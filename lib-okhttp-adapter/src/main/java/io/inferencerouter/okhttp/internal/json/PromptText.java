package io.inferencerouter.okhttp.internal.json;

/** Takes the text of a prompt, piece by piece, in the order in which engines put it together. */
@FunctionalInterface
public interface PromptText {
  /** Takes nothing. */
  PromptText IGNORED = (text, offset, length) -> {};

  /** Takes the next piece, which must not be kept. */
  void add(char[] text, int offset, int length);
}
