package io.inferencerouter.okhttp.internal.json;

/** Takes the text of a prompt, piece by piece, in the order in which engines put it together. */
public interface PromptText {
  /** Takes nothing. */
  PromptText IGNORED =
      new PromptText() {
        @Override
        public void add(byte[] utf8, int offset, int length) {}

        @Override
        public void add(char unit) {}
      };

  /** Takes the next piece, which must not be kept. */
  void add(byte[] utf8, int offset, int length);

  /** Takes the next UTF-16 code unit; two of them may be a surrogate pair. */
  void add(char unit);
}
