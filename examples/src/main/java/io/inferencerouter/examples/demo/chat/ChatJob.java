package io.inferencerouter.examples.demo.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.Job;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A request for a streamed answer.
 *
 * @param number its place in the sequence, from 0
 * @param question what is asked
 * @param expected what the model says when asked directly; an engine must say the same
 * @param arrivalNanos when it is sent, from the start of the run
 */
record ChatJob(int number, ChatQuestion question, ExpectedAnswer expected, long arrivalNanos)
    implements Job {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DATA = "data: ";
  private static final String DONE = "[DONE]";

  @Override
  public String kind() {
    return question.kind().toString();
  }

  @Override
  public int inputTokens() {
    return expected.promptTokens();
  }

  @Override
  public int outputTokens() {
    return expected.tokens();
  }

  @Override
  public byte[] body() {
    return question.toJson();
  }

  @Override
  public Optional<String> problem(Answer answer) {
    if (!answer.failure().isEmpty()) {
      return Optional.of(answer.failure());
    }
    if (answer.status() != 200) {
      return Optional.of("status " + answer.status());
    }
    ExpectedAnswer got;
    try {
      got = read(new String(answer.body(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.of("stream: " + e.getMessage());
    }
    if (answer.outputNanos().length != expected.tokens()) {
      return Optional.of(
          answer.outputNanos().length + " events (expected: " + expected.tokens() + ")");
    }
    return got.equals(expected)
        ? Optional.empty()
        : Optional.of("answer " + got + " (expected: " + expected + ")");
  }

  /** Reads a stream to its end. */
  private static ExpectedAnswer read(String stream) throws IOException {
    StringBuilder text = new StringBuilder();
    String finish = "";
    JsonNode usage = JSON.missingNode();
    boolean done = false;
    for (String line : stream.lines().filter(line -> line.startsWith(DATA)).toList()) {
      String data = line.substring(DATA.length());
      if (done) {
        throw new IOException("an event after the last");
      }
      done = data.equals(DONE);
      if (!done) {
        JsonNode event = JSON.readTree(data);
        JsonNode choice = event.at("/choices/0");
        text.append(choice.at("/delta/content").asText());
        finish = choice.path("finish_reason").asText(finish);
        usage = event.has("usage") ? event.path("usage") : usage;
      }
    }
    if (!done) {
      throw new IOException("it did not end with " + DONE);
    }
    return new ExpectedAnswer(
        text.toString(),
        usage.path("prompt_tokens").asInt(),
        usage.path("completion_tokens").asInt(),
        finish);
  }
}
