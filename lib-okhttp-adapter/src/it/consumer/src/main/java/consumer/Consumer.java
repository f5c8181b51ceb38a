package consumer;

import com.sun.net.httpserver.HttpServer;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.okhttp.RoutingCallFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Sends a chat request to a server on loopback and fails unless it gets there and back. */
public final class Consumer {
  private static final String QUESTION =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

  private Consumer() {}

  public static void main(String[] args) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    String address = "http://127.0.0.1:" + server.getAddress().getPort();
    OkHttpClient client = new OkHttpClient();
    try (InferenceRouter router =
        InferenceRouters.of(Endpoint.builder("a", address).model("m").build())) {
      Call.Factory calls = RoutingCallFactory.create(router, client);
      Request request =
          new Request.Builder()
              .url("http://any/v1/chat/completions")
              .post(
                  RequestBody.create(
                      QUESTION.getBytes(StandardCharsets.UTF_8), MediaType.get("application/json")))
              .build();
      try (Response response = calls.newCall(request).execute()) {
        String echoed = response.body().string();
        require(echoed.equals(QUESTION), "echoed: " + echoed);
      }
      require(router.snapshot().inFlight() == 0, "in flight: " + router.snapshot().inFlight());
    } finally {
      server.stop(0);
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
    Module module = Consumer.class.getModule();
    String moduleName = module.isNamed() ? module.getName() : "unnamed";
    require(args[0].equals(moduleName), "module: " + moduleName);
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }
}
