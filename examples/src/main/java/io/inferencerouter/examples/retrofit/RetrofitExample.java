package io.inferencerouter.examples.retrofit;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.loopback.ChatServer;
import io.inferencerouter.okhttp.RoutingCallFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;
import retrofit2.Retrofit;
import retrofit2.converter.jackson.JacksonConverterFactory;

/** Asks a Retrofit service many questions at once; the router spreads them over two endpoints. */
public final class RetrofitExample {
  private static final int QUESTIONS = 20;

  private RetrofitExample() {}

  /** Starts two servers, asks, and prints who answered how often. */
  public static void main(String[] args) throws IOException {
    try (ChatServer one = ChatServer.start("gpu-1", Duration.ofMillis(10));
        ChatServer two = ChatServer.start("gpu-2", Duration.ofMillis(10))) {
      run(one.url(), two.url())
          .forEach((answer, count) -> System.out.println(answer + ": " + count + " times"));
    }
  }

  /** Returns how often each answer came. */
  static Map<String, Integer> run(String gpu1, String gpu2) {
    OkHttpClient client = new OkHttpClient();
    try (InferenceRouter router =
        InferenceRouters.of(Endpoint.of("gpu-1", gpu1), Endpoint.of("gpu-2", gpu2))) {
      ChatApi api =
          new Retrofit.Builder()
              .baseUrl("http://any/") // the router replaces it
              .callFactory(RoutingCallFactory.create(router, client))
              .addConverterFactory(JacksonConverterFactory.create())
              .build()
              .create(ChatApi.class);
      List<CompletableFuture<ChatApi.Answer>> answers = new ArrayList<>();
      for (int i = 0; i < QUESTIONS; i++) {
        ChatApi.Message message = new ChatApi.Message("user", "What is " + i + " plus one?");
        answers.add(api.chat(new ChatApi.Question("m", List.of(message))));
      }
      Map<String, Integer> counts = new TreeMap<>();
      for (CompletableFuture<ChatApi.Answer> answer : answers) {
        counts.merge(answer.join().choices().get(0).message().content(), 1, Integer::sum);
      }
      return counts;
    } finally {
      client.dispatcher().executorService().shutdown();
    }
  }
}
