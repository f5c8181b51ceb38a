package io.inferencerouter.examples.interceptor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * A stand-in for the SDKs of model vendors, as they are: it insists on one base URL and a key,
 * takes an {@link OkHttpClient} and nothing else, and tries again by itself.
 */
final class ChatSdk {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final MediaType TYPE = MediaType.get("application/json");
  private static final int TRIES = 3;

  private final OkHttpClient client;
  private final String baseUrl;
  private final String key;

  ChatSdk(OkHttpClient client, String baseUrl, String key) {
    this.client = client;
    this.baseUrl = baseUrl;
    this.key = key;
  }

  /** Asks a question; the result is the text of the answer. */
  String ask(String question) throws IOException {
    ObjectNode body = JSON.createObjectNode().put("model", "m");
    body.putArray("messages").addObject().put("role", "user").put("content", question);
    Request request =
        new Request.Builder()
            .url(baseUrl + "/chat/completions")
            .header("Authorization", "Bearer " + key)
            .post(RequestBody.create(body.toString(), TYPE))
            .build();
    for (int attempt = 1; ; attempt++) {
      try (Response response = client.newCall(request).execute()) {
        String text = response.body().string();
        if (response.isSuccessful()) {
          return JSON.readTree(text).at("/choices/0/message/content").asText();
        }
        if (response.code() < 500 || attempt == TRIES) {
          throw new IOException("status " + response.code() + ": " + text);
        }
      }
    }
  }
}
