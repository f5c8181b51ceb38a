package io.inferencerouter.examples.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferencerouter.examples.languagemodel.TinyKjv;
import io.inferencerouter.examples.loopback.ModelServer;
import java.io.IOException;
import java.time.Duration;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;

/** Asks for streams and reads them event by event. */
final class StreamingChat {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final MediaType TYPE = MediaType.get("application/json");
  private static final String DATA = "data: ";
  private static final String DONE = "[DONE]";
  private static final int MAX_TOKENS = 60;

  private final Call.Factory calls;

  StreamingChat(Call.Factory calls) {
    this.calls = calls;
  }

  /**
   * Asks a question.
   *
   * @param out gets the text while it comes
   * @throws IOException if the answer is an error or ends too early
   */
  StreamedAnswer ask(String question, Appendable out) throws IOException {
    ObjectNode body = JSON.createObjectNode().put("model", TinyKjv.NAME).put("stream", true);
    body.putArray("messages").addObject().put("role", "user").put("content", question);
    body.put("max_tokens", MAX_TOKENS).put("seed", 1);
    body.putObject("stream_options").put("include_usage", true);
    Request request =
        new Request.Builder()
            .url("http://any/v1/chat/completions") // the router replaces the host
            .post(RequestBody.create(body.toString(), TYPE))
            .build();
    long start = System.nanoTime();
    try (Response response = calls.newCall(request).execute()) {
      if (!response.isSuccessful()) {
        throw new IOException("status " + response.code() + ": " + response.body().string());
      }
      return read(response, start, out);
    }
  }

  private static StreamedAnswer read(Response response, long start, Appendable out)
      throws IOException {
    BufferedSource events = response.body().source();
    StringBuilder text = new StringBuilder();
    long first = 0;
    int tokens = 0;
    while (true) {
      String line = events.readUtf8LineStrict();
      if (!line.startsWith(DATA)) {
        continue;
      }
      String data = line.substring(DATA.length());
      if (data.equals(DONE)) {
        break;
      }
      if (first == 0) {
        first = System.nanoTime();
      }
      JsonNode event = JSON.readTree(data);
      String piece = event.at("/choices/0/delta/content").asText();
      text.append(piece);
      out.append(piece);
      tokens = event.at("/usage/completion_tokens").asInt(tokens);
    }
    out.append('\n');
    return new StreamedAnswer(
        text.toString(),
        response.header(ModelServer.SERVED_BY, ""),
        tokens,
        Duration.ofNanos(first - start),
        Duration.ofNanos(System.nanoTime() - start));
  }
}
