package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Credential;
import io.inferencerouter.Endpoint;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Request;
import okhttp3.Response;
import org.eclipse.jetty.http.HttpField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Wire.class)
class EndpointAddressTest extends RoutedTest {
  private static final String SECRET = "sk-this-must-not-be-seen";
  private final TestServer other = new TestServer();

  EndpointAddressTest(Wire wire) throws Exception {
    super(wire);
  }

  @AfterEach
  void stopTheOther() throws Exception {
    other.stop();
  }

  private void execute(Request request) throws IOException {
    calls.newCall(request).execute().close();
  }

  @ParameterizedTest
  @CsvSource({
    "'',         /v1/chat/completions,         /v1/chat/completions",
    "/,          /v1/chat/completions,         /v1/chat/completions",
    "/api,       /v1/chat/completions,         /api/v1/chat/completions",
    "/api/,      /v1/chat/completions,         /api/v1/chat/completions",
    "/a%20b/c,   /,                            /a%20b/c/",
    "/api,       /a%2Fb/%E2%82%AC/x;y=1?q=%20&r=a+b&s=%2B&t,"
        + " /api/a%2Fb/%E2%82%AC/x;y=1?q=%20&r=a+b&s=%2B&t",
    "'',         /a//b/?,                      /a//b/?",
    "/api,       /a//b/,                       /api/a//b/",
    "/v1,        /v1/chat/completions?v1=/v1,  /v1/chat/completions?v1=/v1",
    "/gpu-1/v1/, /v1/chat/completions,         /gpu-1/v1/chat/completions",
    "/a%2Fb,     /a%2Fb/c?q=%2F,               /a%2Fb/c?q=%2F",
    "/openai/deployments/x, /chat/completions?api-version=1,"
        + " /openai/deployments/x/chat/completions?api-version=1",
  })
  void theBasePathComesBeforeThePathAndNothingElseChanges(
      String basePath, String path, String expected) throws Exception {
    use(Endpoint.of("e", server.uri() + basePath));
    execute(request().url("http://inference" + path).build());
    assertThat(server.take().target).isEqualTo(expected);
  }

  @Test
  void theRequestOfAResponseCanBeSentAgainToAnotherEndpoint() throws Exception {
    use(
        Endpoint.builder("a", server.uri() + "/a/v1").maxConcurrency(1).build(),
        Endpoint.builder("b", other.uri() + "/b").maxConcurrency(1).build());
    // The first one holds the only slot of its endpoint.
    try (Response first = call().execute();
        Response second = calls.newCall(first.request()).execute()) {
      assertThat(second.request().url().port()).isNotEqualTo(first.request().url().port());
    }
    assertThat(server.take().target).isEqualTo("/a/v1/chat/completions");
    assertThat(other.take().target).isEqualTo("/b/v1/chat/completions");
  }

  @Test
  void headersAndCredentialReplaceThoseOfTheSameName() throws Exception {
    use(
        endpoint()
            .header("X-Tier", "gold")
            .header("User-Agent", "router")
            .credential(Credential.bearer(SECRET))
            .build());
    execute(
        request()
            .header("authorization", "Bearer placeholder")
            .addHeader("x-tier", "lead")
            .addHeader("x-tier", "tin")
            .header("X-Other", "kept")
            .build());
    Exchange exchange = server.take();
    assertThat(exchange.headers.getValuesList("Authorization")).containsExactly("Bearer " + SECRET);
    assertThat(exchange.headers.getValuesList("X-Tier")).containsExactly("gold");
    assertThat(exchange.headers.getValuesList("User-Agent")).containsExactly("router");
    assertThat(exchange.headers.getValuesList("X-Other")).containsExactly("kept");
  }

  @Test
  void everyEndpointGetsItsOwnCredential() throws Exception {
    use(
        endpoint()
            .maxConcurrency(1)
            .credential(Credential.header("x-api-key", () -> "one"))
            .build(),
        Endpoint.builder("gpu-2", other.uri())
            .maxConcurrency(1)
            .credential(Credential.header("x-api-key", () -> "two"))
            .build());
    List<Response> both = List.of(call().execute(), call().execute());
    both.forEach(Response::close);
    assertThat(server.take().headers.get("x-api-key")).isEqualTo("one");
    assertThat(other.take().headers.get("x-api-key")).isEqualTo("two");
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void aRedirectDoesNotTakeHeadersAndCredentialElsewhere(int status) throws Exception {
    server.script(
        e ->
            e.header("Location", other.uri() + "/elsewhere")
                .respond(status, "text/plain", "there"));
    use(
        endpoint()
            .header("X-Internal", "name of a cluster")
            .credential(Credential.header("x-api-key", () -> SECRET))
            .build());
    execute(request().build());
    assertThat(server.take().headers.get("x-api-key")).isEqualTo(SECRET);
    Exchange redirected = other.take();
    assertThat(redirected.headers.get("x-api-key")).isNull();
    assertThat(redirected.headers.get("X-Internal")).isNull();
    assertThat(redirected.headers.stream().map(HttpField::getValue))
        .noneMatch(value -> value != null && value.contains(SECRET));
    assertThat(observed.outcome()).isNotNull();
  }

  @Test
  void aRedirectWithinTheEndpointKeepsThem() throws Exception {
    server.script(
        e -> {
          if (e.target.equals("/moved")) {
            e.respond(200, "application/json", "{}");
          } else {
            e.header("Location", "/moved").respond(307, "text/plain", "there");
          }
        });
    use(endpoint().credential(Credential.header("x-api-key", () -> SECRET)).build());
    execute(request().build());
    server.take();
    Exchange redirected = server.take();
    assertThat(redirected.target).isEqualTo("/moved");
    assertThat(redirected.headers.get("x-api-key")).isEqualTo(SECRET);
  }

  @Test
  void noTextShowsTheCredential() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    use(
        client()
            .addInterceptor(
                chain -> {
                  seen.add(chain.request().toString());
                  return chain.proceed(chain.request());
                })
            .addNetworkInterceptor(
                chain -> {
                  seen.add(chain.request().toString());
                  return chain.proceed(chain.request());
                })
            .build(),
        endpoint().credential(Credential.header("x-api-key", () -> SECRET)).build());
    Call call = call();
    try (Response response = call.execute()) {
      seen.add(response.toString());
      seen.add(response.request().toString());
    }
    seen.add(call.toString());
    seen.add(calls.toString());
    seen.add(observed.acquired.take().toString());
    assertThat(server.take().headers.get("x-api-key")).isEqualTo(SECRET);
    assertThat(seen).hasSize(7).noneMatch(text -> text.contains(SECRET));
  }

  /** What is logged is that a callback has failed, and for which call. */
  @Test
  void noLogShowsTheCredential() throws Exception {
    BlockingQueue<String> logged = new LinkedBlockingQueue<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            logged.add(new SimpleFormatter().format(entry));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(RoutedCall.class.getName());
    logger.addHandler(handler);
    try {
      use(endpoint().credential(Credential.header("x-api-key", () -> SECRET)).build());
      Request request =
          request()
              .url("http://user:" + SECRET + "@inference/v1/chat/completions?key=" + SECRET)
              .header("Authorization", "Bearer " + SECRET)
              .build();
      calls
          .newCall(request)
          .enqueue(
              new Callback() {
                @Override
                public void onFailure(Call call, IOException e) {
                  logged.add("failed: " + e);
                }

                @Override
                public void onResponse(Call call, Response response) throws IOException {
                  response.close();
                  throw new IOException("a defect of the callback");
                }
              });

      assertThat(Waiting.take(logged, "what is logged"))
          .contains("Callback failed for RoutedCall[POST http://inference/...]")
          .contains("a defect of the callback")
          .doesNotContain(SECRET);
      assertThat(logged).isEmpty();
    } finally {
      logger.removeHandler(handler);
    }
  }

  @Test
  void aCredentialThatCannotBeSentFailsTheCallWithoutShowingIt() {
    use(endpoint().credential(Credential.header("x-api-key", () -> SECRET + "\u00e9")).build());
    assertThatThrownBy(() -> call().execute())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("x-api-key")
        .satisfies(e -> assertThat(textOf(e)).doesNotContain(SECRET));
    assertThat(observed.outcomes).containsExactly(Outcome.serverFault());
    assertThat(server.requests()).isZero();
  }

  @Test
  void aCredentialThatWouldAddAHeaderFailsTheCallWithoutShowingIt() {
    use(endpoint().credential(Credential.bearer(() -> SECRET + "\r\nX-Injected: 1")).build());
    assertThatThrownBy(() -> call().execute())
        .isInstanceOf(IOException.class)
        .satisfies(e -> assertThat(textOf(e)).doesNotContain(SECRET));
    assertThat(server.requests()).isZero();
  }

  @Test
  void aSupplierOfCredentialsThatThrowsFailsTheCallAndCountsAgainstTheEndpoint() {
    IllegalStateException defect = new IllegalStateException("vault sealed");
    use(
        endpoint()
            .credential(
                Credential.bearer(
                    () -> {
                      throw defect;
                    }))
            .build());
    assertThatThrownBy(() -> call().execute())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("gpu-1")
        .hasCause(defect);
    assertThat(observed.outcomes).containsExactly(Outcome.serverFault());
  }

  @Test
  void anAddressThatIsNotHttpFailsTheCallAndSaysWhatIsExpected() {
    use(Endpoint.of("odd", "grpc://gpu-1:8000"));
    assertThatThrownBy(() -> call().execute())
        .isInstanceOf(IOException.class)
        .hasMessage(
            "uri of endpoint odd: grpc://gpu-1:8000 (expected: an address that starts with http://"
                + " or https://)");
    assertThat(observed.outcomes).containsExactly(Outcome.serverFault());
  }

  private static String textOf(Throwable failure) {
    java.io.StringWriter text = new java.io.StringWriter();
    failure.printStackTrace(new java.io.PrintWriter(text));
    return text.toString();
  }
}
