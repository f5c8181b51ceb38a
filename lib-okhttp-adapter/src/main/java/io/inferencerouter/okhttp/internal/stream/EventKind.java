package io.inferencerouter.okhttp.internal.stream;

/**
 * What an event of a stream stands for, by its name: in Chat Completions events have none, in the
 * Responses and Messages APIs all have one.
 */
enum EventKind {
  /** It carries output. So does every event of which nothing else is known. */
  OUTPUT,
  /** It says something about the answer, such as that it begins. */
  NOTICE,
  /** It ends the answer and has nothing more to say. */
  STOP,
  /** It ends the answer, with data that says what it took. */
  COMPLETION,
  /** It ends the answer, which has failed. */
  FAILURE;

  private static final String RESPONSE = "response.";

  static EventKind of(String name) {
    return switch (name) {
      case "message_start", "message_delta", "content_block_start", "content_block_stop", "ping" ->
          NOTICE;
      case "message_stop" -> STOP;
      case "response.completed", "response.incomplete" -> COMPLETION;
      case "response.failed", "error" -> FAILURE;
      default -> name.startsWith(RESPONSE) && !name.endsWith(".delta") ? NOTICE : OUTPUT;
    };
  }

  /** Whether the answer has arrived in full with the data of this event. */
  boolean endsTheAnswer() {
    return this == COMPLETION || this == FAILURE;
  }
}
