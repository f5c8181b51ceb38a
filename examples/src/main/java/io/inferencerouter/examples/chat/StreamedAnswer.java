package io.inferencerouter.examples.chat;

import java.time.Duration;
import java.util.Locale;

/**
 * An answer that was streamed.
 *
 * @param text all of it
 * @param endpoint who gave it
 * @param tokens how many tokens it has, as the server says
 * @param timeToFirstToken from sending the question
 * @param total from sending the question to the last token
 */
record StreamedAnswer(
    String text, String endpoint, int tokens, Duration timeToFirstToken, Duration total) {
  /** What happened, in a line. */
  String summary() {
    return String.format(
        Locale.ROOT,
        "[%s: first token after %d ms, %d tokens in %d ms]",
        endpoint,
        timeToFirstToken.toMillis(),
        tokens,
        total.toMillis());
  }
}
