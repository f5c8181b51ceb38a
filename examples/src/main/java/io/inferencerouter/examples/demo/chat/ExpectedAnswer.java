package io.inferencerouter.examples.demo.chat;

import io.inferencerouter.examples.languagemodel.ChatRequest;
import io.inferencerouter.examples.languagemodel.Continuation;
import io.inferencerouter.examples.languagemodel.Prompt;
import io.inferencerouter.examples.languagemodel.TinyKjv;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/**
 * An answer of the model.
 *
 * @param text all of it
 * @param promptTokens how many tokens it read
 * @param tokens how many tokens it generated
 * @param finish why it ended
 */
record ExpectedAnswer(String text, int promptTokens, int tokens, String finish) {
  /** Asks the model directly. */
  static ExpectedAnswer to(ChatQuestion question, TinyKjv model) throws IOException {
    Prompt prompt = ChatRequest.parse(new ByteArrayInputStream(question.toJson())).prompt(model);
    StringBuilder text = new StringBuilder();
    try (Continuation continuation = Continuation.of(model, prompt)) {
      while (!continuation.isFinished()) {
        text.append(continuation.next());
      }
      return new ExpectedAnswer(
          text.toString(), prompt.tokens().length, continuation.tokens(), continuation.finish());
    }
  }
}
