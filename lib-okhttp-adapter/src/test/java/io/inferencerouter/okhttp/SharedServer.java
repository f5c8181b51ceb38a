package io.inferencerouter.okhttp;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.RetryPolicy;
import io.inferencerouter.core.testing.Observed;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import okhttp3.Call;
import okhttp3.OkHttpClient;

/** A server for all tries of a property, with a router, and calls for each protocol. */
final class SharedServer {
  final TestServer server = new TestServer();
  final Observed observed = new Observed();
  final Map<Wire, OkHttpClient> clients = new EnumMap<>(Wire.class);
  final Map<Wire, Call.Factory> calls = new EnumMap<>(Wire.class);
  final Map<Wire, Call.Factory> intercepted = new EnumMap<>(Wire.class);
  final InferenceRouter router;

  SharedServer() throws Exception {
    router =
        InferenceRouters.builder()
            .endpoint(Endpoint.builder("a", server.uri() + "/base").maxConcurrency(1).build())
            .endpoint(Endpoint.builder("b", server.uri() + "/base").maxConcurrency(1).build())
            .maxQueueTime(Duration.ofMinutes(5))
            .listener(observed)
            .retries(RetryPolicy.none())
            .build();
    for (Wire wire : Wire.values()) {
      OkHttpClient client =
          new OkHttpClient.Builder()
              .protocols(wire.protocols())
              .readTimeout(Duration.ofMinutes(1))
              .build();
      clients.put(wire, client);
      calls.put(wire, RoutingCallFactory.create(router, client));
      intercepted.put(wire, RoutingInterceptor.create(router).addTo(client));
    }
  }

  void stop() throws Exception {
    router.close();
    for (OkHttpClient client : clients.values()) {
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
    server.stop();
  }
}
