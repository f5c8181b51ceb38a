package io.inferencerouter.examples.langchain4j;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.okhttp.RoutingCallFactory;
import java.time.Duration;
import okhttp3.OkHttpClient;

/**
 * Lets LangChain4j's models send their requests through a router.
 *
 * <pre>{@code
 * ChatModel model =
 *     OpenAiChatModel.builder()
 *         .httpClientBuilder(new RoutingHttpClientBuilder(router, client))
 *         .baseUrl("http://any/v1") // the router replaces the host
 *         …
 * }</pre>
 *
 * <p>A builder for each model: LangChain4j sets the model's time-outs on it. All share the
 * connections of the client.
 */
final class RoutingHttpClientBuilder implements HttpClientBuilder {
  private final InferenceRouter router;
  private OkHttpClient client;

  /**
   * Starts a builder.
   *
   * @param router decides where requests go
   * @param client sends them
   */
  RoutingHttpClientBuilder(InferenceRouter router, OkHttpClient client) {
    this.router = router;
    this.client = client;
  }

  @Override
  public Duration connectTimeout() {
    return Duration.ofMillis(client.connectTimeoutMillis());
  }

  @Override
  public HttpClientBuilder connectTimeout(Duration timeout) {
    client = client.newBuilder().connectTimeout(timeout).build();
    return this;
  }

  @Override
  public Duration readTimeout() {
    return Duration.ofMillis(client.readTimeoutMillis());
  }

  @Override
  public HttpClientBuilder readTimeout(Duration timeout) {
    client = client.newBuilder().readTimeout(timeout).build();
    return this;
  }

  @Override
  public HttpClient build() {
    return new OkHttpCalls(RoutingCallFactory.create(router, client));
  }
}
