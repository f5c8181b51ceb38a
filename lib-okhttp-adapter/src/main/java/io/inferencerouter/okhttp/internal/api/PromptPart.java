package io.inferencerouter.okhttp.internal.api;

/** A member of a request that is part of what the model reads. */
public record PromptPart(String name, Form form) {
  /** What the member looks like. */
  public enum Form {
    /** A text, an array of texts, an array of tokens, or an array of arrays of tokens. */
    TEXT,
    /** A text, or an array of messages, which have roles and contents, and of parts of messages. */
    CONVERSATION,
    /** Anything, of which the model sees about as much as is written there. */
    DEFINITIONS,
    /** A text, or an object with one, with which every document is compared. */
    QUERY,
    /** An array of texts, or of objects with one. */
    DOCUMENTS
  }

  static PromptPart text(String name) {
    return new PromptPart(name, Form.TEXT);
  }

  static PromptPart conversation(String name) {
    return new PromptPart(name, Form.CONVERSATION);
  }

  static PromptPart definitions(String name) {
    return new PromptPart(name, Form.DEFINITIONS);
  }

  static PromptPart query(String name) {
    return new PromptPart(name, Form.QUERY);
  }

  static PromptPart documents(String name) {
    return new PromptPart(name, Form.DOCUMENTS);
  }
}
