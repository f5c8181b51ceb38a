package io.inferencerouter.examples.demo.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferencerouter.examples.languagemodel.TinyKjv;
import java.util.List;

/**
 * What is asked.
 *
 * @param kind what kind of question it is
 * @param lines a message each, by turns of the user and the model, the last by the user
 * @param maxTokens the most tokens of the answer
 * @param seed equal seeds give equal answers
 */
record ChatQuestion(ChatKind kind, List<String> lines, int maxTokens, long seed) {
  private static final ObjectMapper JSON = new ObjectMapper();

  ChatQuestion {
    lines = List.copyOf(lines);
  }

  /** The body of the request. */
  byte[] toJson() {
    ObjectNode root = JSON.createObjectNode().put("model", TinyKjv.NAME);
    ArrayNode messages = root.putArray("messages");
    for (int i = 0; i < lines.size(); i++) {
      boolean user = (lines.size() - i) % 2 == 1;
      messages.addObject().put("role", user ? "user" : "assistant").put("content", lines.get(i));
    }
    root.put("max_tokens", maxTokens).put("temperature", 0.7).put("seed", seed);
    root.put("stream", true).putObject("stream_options").put("include_usage", true);
    if (kind.isOneLine()) {
      root.put("stop", "\n");
    }
    try {
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an object of strings and numbers is always JSON", e);
    }
  }
}
