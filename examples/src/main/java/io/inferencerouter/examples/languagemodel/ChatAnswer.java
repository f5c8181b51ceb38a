package io.inferencerouter.examples.languagemodel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Writes one answer of the chat interface, as one document or as the events of a stream. In a
 * stream every token is an event, also one whose text is empty or still held back, and the first
 * one states the role.
 *
 * @param id the answer's id
 * @param created seconds since 1970
 * @param promptTokens how many tokens the prompt has
 */
record ChatAnswer(String id, long created, int promptTokens) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The whole answer. */
  byte[] whole(String text, Generation.Token last) {
    ObjectNode root = root("chat.completion");
    ObjectNode choice = choice(root, last);
    choice.putObject("message").put("role", "assistant").put("content", text);
    usage(root, last);
    return bytes(root);
  }

  /** The event of a token. */
  byte[] event(Generation.Token token) {
    ObjectNode root = root("chat.completion.chunk");
    ObjectNode delta = choice(root, token).putObject("delta");
    if (token.number() == 1) {
      delta.put("role", "assistant");
    }
    delta.put("content", token.text());
    return bytes(root);
  }

  /** The event at the end of a stream that tells the usage. */
  byte[] usageEvent(Generation.Token last) {
    ObjectNode root = root("chat.completion.chunk");
    root.putArray("choices");
    usage(root, last);
    return bytes(root);
  }

  private ObjectNode root(String object) {
    return JSON.createObjectNode()
        .put("id", id)
        .put("object", object)
        .put("created", created)
        .put("model", TinyKjv.NAME);
  }

  private static ObjectNode choice(ObjectNode root, Generation.Token token) {
    ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
    return token.isLast()
        ? choice.put("finish_reason", token.finish())
        : choice.putNull("finish_reason");
  }

  private void usage(ObjectNode root, Generation.Token last) {
    root.putObject("usage")
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", last.number())
        .put("total_tokens", promptTokens + last.number());
  }

  private static byte[] bytes(ObjectNode root) {
    try {
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an object of strings and numbers is always JSON", e);
    }
  }
}
