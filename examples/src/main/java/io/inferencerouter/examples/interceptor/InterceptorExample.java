package io.inferencerouter.examples.interceptor;

import io.inferencerouter.Credential;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.loopback.ChatServer;
import io.inferencerouter.okhttp.RoutingInterceptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.OkHttpClient;

/**
 * Gives an SDK that knows only one address a client that routes: its calls are spread over two
 * endpoints, each with a credential of its own.
 */
public final class InterceptorExample {
  private static final int QUESTIONS = 20;
  private static final int THREADS = 4;

  private InterceptorExample() {}

  /** Starts two servers, asks, and prints who answered how often. */
  public static void main(String[] args) throws Exception {
    try (ChatServer one = ChatServer.start("gpu-1", Duration.ofMillis(5));
        ChatServer two = ChatServer.start("gpu-2", Duration.ofMillis(5))) {
      run(one.url(), two.url())
          .forEach((answer, count) -> System.out.println(answer + ": " + count + " times"));
    }
  }

  /** Returns how often each answer came. */
  static Map<String, Integer> run(String gpu1, String gpu2)
      throws InterruptedException, ExecutionException {
    OkHttpClient client = new OkHttpClient();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (InferenceRouter router =
        InferenceRouters.of(
            Endpoint.builder("gpu-1", gpu1).credential(Credential.bearer("key of 1")).build(),
            Endpoint.builder("gpu-2", gpu2).credential(Credential.bearer("key of 2")).build())) {
      OkHttpClient routed = RoutingInterceptor.create(router).addTo(client);
      // The router replaces the host and the key.
      ChatSdk sdk = new ChatSdk(routed, "http://any/v1", "any");
      List<Callable<String>> questions = new ArrayList<>();
      for (int i = 0; i < QUESTIONS; i++) {
        String question = "What is " + i + " plus one?";
        questions.add(() -> sdk.ask(question));
      }
      Map<String, Integer> counts = new TreeMap<>();
      for (Future<String> answer : threads.invokeAll(questions)) {
        counts.merge(answer.get(), 1, Integer::sum);
      }
      return counts;
    } finally {
      threads.shutdown();
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
  }
}
