package io.inferencerouter.examples.quickstart;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.loopback.ChatServer;
import io.inferencerouter.okhttp.RoutingCallFactory;
import java.io.IOException;
import java.time.Duration;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Sends a chat request to whichever of two endpoints will answer it first. */
public final class Quickstart {
  private static final String QUESTION =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Who are you?\"}]}";

  private Quickstart() {}

  /** Starts two servers and asks one of them. */
  public static void main(String[] args) throws IOException {
    try (ChatServer one = ChatServer.start("gpu-1", Duration.ofMillis(5));
        ChatServer two = ChatServer.start("gpu-2", Duration.ofMillis(5))) {
      ask(one.url(), two.url(), QUESTION);
    }
  }

  private static void ask(String url1, String url2, String json) throws IOException {
    // tag::quickstart
    Endpoint gpu1 = Endpoint.of("gpu-1", url1); // such as http://gpu-1:8000
    Endpoint gpu2 = Endpoint.of("gpu-2", url2);
    try (InferenceRouter router = InferenceRouters.of(gpu1, gpu2)) {
      Call.Factory calls = RoutingCallFactory.create(router, new OkHttpClient());
      String url = "http://any/v1/chat/completions"; // the router replaces the host
      RequestBody body = RequestBody.create(json, MediaType.get("application/json"));
      Request request = new Request.Builder().url(url).post(body).build();
      try (Response response = calls.newCall(request).execute()) {
        System.out.println(response.body().string());
      }
    }
    // end::quickstart
  }
}
