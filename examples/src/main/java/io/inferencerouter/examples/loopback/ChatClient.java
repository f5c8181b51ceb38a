package io.inferencerouter.examples.loopback;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.okhttp.RoutingCallFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Asks questions through a router and counts who answered. It does not close the router. */
public final class ChatClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final MediaType TYPE = MediaType.get("application/json");

  private final OkHttpClient http = new OkHttpClient();
  private final Call.Factory calls;

  /** Creates a client. */
  public ChatClient(InferenceRouter router) {
    calls = RoutingCallFactory.create(router, http);
  }

  /** Asks a question several times, one after the other. */
  public Map<String, Integer> askInTurn(int times, String question) {
    Map<String, Integer> answers = new TreeMap<>();
    for (int i = 0; i < times; i++) {
      answers.merge(ask(question).join(), 1, Integer::sum);
    }
    return answers;
  }

  /** Asks a question several times at once. */
  public Map<String, Integer> askAtOnce(int times, String question) {
    List<CompletableFuture<String>> pending = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      pending.add(ask(question));
    }
    Map<String, Integer> answers = new TreeMap<>();
    pending.forEach(answer -> answers.merge(answer.join(), 1, Integer::sum));
    return answers;
  }

  /** Asks a question; the result is the text of the answer. */
  public CompletableFuture<String> ask(String question) {
    ObjectNode body = JSON.createObjectNode().put("model", "m");
    body.putArray("messages").addObject().put("role", "user").put("content", question);
    Request request =
        new Request.Builder()
            .url("http://any/v1/chat/completions")
            .post(RequestBody.create(body.toString(), TYPE))
            .build();
    CompletableFuture<String> answer = new CompletableFuture<>();
    calls
        .newCall(request)
        .enqueue(
            new Callback() {
              @Override
              public void onResponse(Call call, Response response) {
                answer.completeAsync(() -> text(response), Runnable::run);
              }

              @Override
              public void onFailure(Call call, IOException failure) {
                answer.completeExceptionally(failure);
              }
            });
    return answer;
  }

  @Override
  public void close() {
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }

  private static String text(Response response) {
    try (response) {
      String body = response.body().string();
      if (!response.isSuccessful()) {
        throw new IOException("status " + response.code() + ": " + body);
      }
      return JSON.readTree(body).at("/choices/0/message/content").asText();
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }
}
