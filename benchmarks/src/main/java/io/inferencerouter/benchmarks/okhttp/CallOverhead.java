package io.inferencerouter.benchmarks.okhttp;

import com.sun.net.httpserver.HttpServer;
import io.inferencerouter.Credential;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.okhttp.RoutingCallFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * What a routed call costs more than a bare one: both go to the same server on loopback with the
 * same chat body of 10 kB, in turn, so that whatever else the machine does meets both. The figure
 * is the median of the differences, pair by pair.
 *
 * <p>Run it with {@code java -cp benchmarks/target/benchmarks.jar
 * io.inferencerouter.benchmarks.okhttp.CallOverhead [pairs]}. It exits with 2 if the figure is
 * {@value #LIMIT_MICROS} µs or more.
 */
public final class CallOverhead {
  private static final int LIMIT_MICROS = 100;
  private static final int DEFAULT_PAIRS = 10_000;
  private static final int ENDPOINTS = 4;
  private static final MediaType JSON = MediaType.get("application/json");

  private CallOverhead() {}

  /** Measures, prints one line, and exits with 2 if the limit is exceeded. */
  public static void main(String[] args) throws IOException {
    int pairs = args.length == 0 ? DEFAULT_PAIRS : Integer.parseInt(args[0]);
    System.setProperty("sun.net.httpserver.nodelay", "true");
    ExecutorService threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "overhead-server");
              thread.setDaemon(true);
              return thread;
            });
    HttpServer server = serve(threads);
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    double micros;
    try (InferenceRouter router = InferenceRouters.builder().endpoints(endpoints(url)).build()) {
      micros = measure(router, url, pairs);
    } finally {
      server.stop(0);
      threads.shutdownNow();
    }
    System.exit(micros < LIMIT_MICROS ? 0 : 2);
  }

  private static HttpServer serve(ExecutorService threads) throws IOException {
    byte[] answer =
        ("{\"choices\":[{\"message\":{\"content\":\""
                + "word ".repeat(200)
                + "\"}}],\"usage\":{\"prompt_tokens\":2500,\"completion_tokens\":200}}")
            .getBytes(StandardCharsets.UTF_8);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, answer.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(answer);
          }
        });
    server.setExecutor(threads);
    server.start();
    return server;
  }

  private static List<Endpoint> endpoints(String url) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < ENDPOINTS; i++) {
      endpoints.add(
          Endpoint.builder("gpu-" + i, url).credential(Credential.bearer("token")).build());
    }
    return endpoints;
  }

  private static double measure(InferenceRouter router, String url, int pairs) throws IOException {
    OkHttpClient client = new OkHttpClient.Builder().socketFactory(new NoDelaySockets()).build();
    Call.Factory routed = RoutingCallFactory.create(router, client);
    byte[] body = chat();
    Request bare = request(url, body).header("Authorization", "Bearer token").build();
    Request logical = request("http://inference", body).build();
    long[] bareNanos = new long[pairs];
    long[] differences = new long[pairs];
    for (int i = -pairs; i < pairs; i++) { // the first half warms up
      boolean bareFirst = (i & 1) == 0;
      long first = time(bareFirst ? client : routed, bareFirst ? bare : logical);
      long second = time(bareFirst ? routed : client, bareFirst ? logical : bare);
      if (i >= 0) {
        bareNanos[i] = bareFirst ? first : second;
        differences[i] = bareFirst ? second - first : first - second;
      }
    }
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
    Arrays.sort(bareNanos);
    Arrays.sort(differences);
    double added = differences[pairs / 2] / 1e3;
    System.out.printf(
        "%d pairs of calls, body %d bytes: a bare call takes %.0f µs, routing adds %.1f µs"
            + " (medians; expected: below %d)%n",
        pairs, body.length, bareNanos[pairs / 2] / 1e3, added, LIMIT_MICROS);
    return added;
  }

  private static byte[] chat() {
    StringBuilder json = new StringBuilder("{\"model\":\"llama\",\"messages\":[");
    for (int i = 0; i < 10; i++) {
      json.append(i == 0 ? "" : ",")
          .append("{\"role\":\"user\",\"content\":\"")
          .append("The quick brown fox jumps. ".repeat(37))
          .append("\"}");
    }
    return json.append("],\"max_tokens\":200}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Request.Builder request(String url, byte[] body) {
    return new Request.Builder()
        .url(url + "/v1/chat/completions")
        .post(RequestBody.create(body, JSON));
  }

  private static long time(Call.Factory calls, Request request) throws IOException {
    long start = System.nanoTime();
    try (Response response = calls.newCall(request).execute()) {
      if (response.body().bytes().length < 1_000) {
        throw new IOException("answer: too short (expected: the whole of it)");
      }
    }
    return System.nanoTime() - start;
  }
}
