package io.inferencerouter.okhttp;

import io.inferencerouter.ActiveProbe;
import io.inferencerouter.Endpoint;
import io.inferencerouter.ProbeResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * A probe by HTTP: a request to a path of the endpoint, with the headers and the credential of the
 * endpoint, and what has to come back. Immutable, and safe for use by many threads.
 *
 * <pre>{@code
 * HttpProbe.builder(client).path("/health").build();
 * HttpProbe.builder(client).inference("/v1/completions", smallestRequest).bodyContains("choices").build();
 * }</pre>
 *
 * <p>Redirects are not followed, so that the credential stays with the endpoint. Of the answer at
 * most {@value #MAX_BODY_BYTES} bytes are read, and none of it is kept. Probes use the connections
 * and threads of the client, and have limits of their own, so that they take no place of a request.
 */
public final class HttpProbe implements ActiveProbe {
  /** The default of {@link Builder#path}. */
  public static final String DEFAULT_PATH = "/health";

  /** How much of an answer is looked at. */
  public static final int MAX_BODY_BYTES = 1 << 16;

  private static final MediaType JSON = MediaType.get("application/json");
  private static final HttpUrl ANYWHERE = HttpUrl.get("http://endpoint/");

  private final OkHttpClient client;
  private final String path;
  private final @Nullable String json;
  private final int leastStatus;
  private final int greatestStatus;
  private final String bodyContains;

  private HttpProbe(Builder builder) {
    Dispatcher dispatcher = new Dispatcher(builder.client.dispatcher().executorService());
    dispatcher.setMaxRequests(Integer.MAX_VALUE); // the router bounds them
    dispatcher.setMaxRequestsPerHost(Integer.MAX_VALUE);
    client =
        builder
            .client
            .newBuilder()
            .dispatcher(dispatcher)
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .build();
    path = builder.path;
    json = builder.json;
    leastStatus = builder.leastStatus;
    greatestStatus = builder.greatestStatus;
    bodyContains = builder.bodyContains;
  }

  /**
   * Starts a probe.
   *
   * @param client a client that sends to the endpoints directly; not one that routes
   */
  public static Builder builder(OkHttpClient client) {
    return new Builder(client);
  }

  @Override
  public CompletionStage<ProbeResult> probe(Endpoint endpoint, Duration timeout) {
    CompletableFuture<ProbeResult> result = new CompletableFuture<>();
    try {
      Call call = client.newCall(request(endpoint));
      call.timeout().timeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
      call.enqueue(new Answer(result));
    } catch (IOException e) {
      result.complete(ProbeResult.unhealthy("cannot be sent: " + described(e)));
    }
    return result;
  }

  private Request request(Endpoint endpoint) throws IOException {
    EndpointTarget target = EndpointTarget.of(endpoint);
    HttpUrl url = ANYWHERE.resolve(path);
    if (url == null) {
      throw new IOException("path: " + withoutQuery(path) + " (expected: a path)");
    }
    Request.Builder request = new Request.Builder().url(url);
    if (json != null) {
      request.post(RequestBody.create(json.getBytes(StandardCharsets.UTF_8), JSON));
    }
    Request.Builder addressed = target.address(request.build());
    for (int i = 0; i < target.headers().size(); i++) {
      addressed.header(target.headers().name(i), target.headers().value(i));
    }
    return addressed.build();
  }

  /** The kind of failure; messages of exceptions may quote what should not be told. */
  private static String described(IOException failure) {
    return failure.getClass().getSimpleName();
  }

  private final class Answer implements Callback {
    private final CompletableFuture<ProbeResult> result;

    Answer(CompletableFuture<ProbeResult> result) {
      this.result = result;
    }

    @Override
    public void onFailure(Call call, IOException e) {
      result.complete(ProbeResult.unhealthy(described(e)));
    }

    @Override
    public void onResponse(Call call, Response response) {
      try (response) {
        result.complete(judged(response));
      } catch (IOException e) {
        result.complete(ProbeResult.unhealthy(described(e)));
      }
    }
  }

  private ProbeResult judged(Response response) throws IOException {
    if (response.code() < leastStatus || response.code() > greatestStatus) {
      return ProbeResult.unhealthy("status " + response.code());
    }
    return bodyContains.isEmpty() || text(response).contains(bodyContains)
        ? ProbeResult.healthy()
        : ProbeResult.unhealthy("the body does not contain what it should");
  }

  private static String text(Response response) throws IOException {
    ResponseBody body = response.body();
    if (body == null) {
      return "";
    }
    BufferedSource source = body.source();
    source.request(MAX_BODY_BYTES);
    return source
        .getBuffer()
        .snapshot()
        .substring(0, (int) Math.min(MAX_BODY_BYTES, source.getBuffer().size()))
        .utf8();
  }

  @Override
  public String toString() {
    return "HttpProbe[" + (json == null ? "GET " : "POST ") + withoutQuery(path) + "]";
  }

  /** A path to be read by people; a query may carry a key. */
  private static String withoutQuery(String path) {
    int query = path.indexOf('?');
    return query < 0 ? path : path.substring(0, query);
  }

  /** Builds an {@link HttpProbe}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final OkHttpClient client;
    private String path = DEFAULT_PATH;
    private @Nullable String json;
    private int leastStatus = 200;
    private int greatestStatus = 299;
    private String bodyContains = "";

    private Builder(OkHttpClient client) {
      this.client = Objects.requireNonNull(client, "client");
    }

    /**
     * Sets the path that is asked for, with a query if need be, below the path of the endpoint's
     * address; by default {@value #DEFAULT_PATH}.
     */
    public Builder path(String path) {
      if (!path.startsWith("/") || ANYWHERE.resolve(path) == null || path.startsWith("//")) {
        throw new IllegalArgumentException(
            "path: " + withoutQuery(path) + " (expected: a path that starts with one /)");
      }
      this.path = path;
      return this;
    }

    /**
     * Sends a small real inference, instead of asking for a path.
     *
     * @param json the body of the request; let it ask for a single token
     */
    public Builder inference(String path, String json) {
      path(path);
      this.json = Objects.requireNonNull(json, "json");
      return this;
    }

    /** Sets which status says that all is well; by default any from 200 to 299. */
    public Builder status(int status) {
      if (status < 100 || status > 599) {
        throw new IllegalArgumentException("status: " + status + " (expected: 100 to 599)");
      }
      this.leastStatus = status;
      this.greatestStatus = status;
      return this;
    }

    /** Sets a text that has to be in the answer; by default any answer will do. */
    public Builder bodyContains(String text) {
      this.bodyContains = Objects.requireNonNull(text, "text");
      return this;
    }

    /** Builds the probe. */
    public HttpProbe build() {
      return new HttpProbe(this);
    }
  }
}
