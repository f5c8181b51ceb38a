package io.inferencerouter;

/** A unit in which the input of a request can be measured before it is sent. */
public enum InputUnit {
  /** Tokens of the model's tokenizer. */
  TOKENS,
  /** Characters of text (UTF-16 code units), when no tokenizer is at hand. */
  CHARACTERS,
  /** Bytes of the encoded payload. */
  BYTES,
  /** Pages of a document. */
  PAGES,
  /** Images. */
  IMAGES,
  /** Milliseconds of audio or video. */
  MEDIA_MILLIS
}
