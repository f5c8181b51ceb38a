package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.ServedModel;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.okhttp.internal.rewrite.RewriteException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Wire.class)
class ModelRewriteTest extends RoutedTest {
  private static final RequestClassifier WITH_FALLBACK =
      request ->
          InferenceApiClassifier.create().classify(request).toBuilder()
              .fallbackModels("small \"é\"")
              .build();

  ModelRewriteTest(Wire wire) throws Exception {
    super(wire);
  }

  /** Routes to an endpoint that serves nothing but a model, by the name of the fallback. */
  private void serveOnly(String model) {
    OkHttpClient client = client().build();
    Endpoint endpoint = endpoint().model(ServedModel.of(model)).build();
    use(InferenceRouters.builder().endpoint(endpoint).listener(observed).build(), client);
    calls = RoutingCallFactory.builder(router, client).classifier(WITH_FALLBACK).build();
  }

  private Request post(RequestBody body) {
    return request().post(body).build();
  }

  private String sent(Request request) throws Exception {
    try (Response response = calls.newCall(request).execute()) {
      assertThat(response.code()).isEqualTo(200);
    }
    Exchange exchange = server.take();
    if (exchange.headers.contains("Content-Length")) {
      assertThat(exchange.headers.getLongField("Content-Length")).isEqualTo(exchange.body.length);
    }
    return new String(exchange.body, StandardCharsets.UTF_8);
  }

  private String sent(String json) throws Exception {
    return sent(post(RequestBody.create(json, JSON)));
  }

  @Test
  void theFallbackModelSeesItsOwnNameAndOtherwiseTheSameBytes() throws Exception {
    serveOnly("small \"é\"");
    assertThat(sent("{\"messages\": [{\"model\":\"big\"}],\n \"model\" :  \"big\" , \"n\":1.50}\n"))
        .isEqualTo(
            "{\"messages\": [{\"model\":\"big\"}],\n \"model\" :  \"small \\\"é\\\"\" , \"n\":1.50}\n");
  }

  @Test
  void anInterceptorAsksForTheModelOfTheLeaseAndForLoadReportsAsWell() throws Exception {
    serveOnly("small \"é\"");
    calls =
        RoutingInterceptor.builder(router)
            .classifier(WITH_FALLBACK)
            .requestLoadReports(true)
            .build()
            .addTo(client);
    Request request = post(RequestBody.create("{\"model\":\"big\"}", JSON));
    calls.newCall(request).execute().close();
    Exchange exchange = server.take();
    assertThat(new String(exchange.body, StandardCharsets.UTF_8))
        .isEqualTo("{\"model\":\"small \\\"é\\\"\"}");
    assertThat(exchange.headers.getValuesList("endpoint-load-metrics-format"))
        .containsExactly("text");
  }

  @Test
  void theModelThatWasAskedForIsSentAsItIs() throws Exception {
    serveOnly("big");
    String json = "{ \"model\":\"b\\u0069g\"}";
    assertThat(sent(json)).isEqualTo(json);
  }

  private void assertThatItsResponsesRequestAsksForTheOriginalModelAgain(Call.Factory routed)
      throws Exception {
    String json = "{\"model\":\"big\",\"n\":1}";
    Request again;
    try (Response response = routed.newCall(post(RequestBody.create(json, JSON))).execute()) {
      again = response.request();
    }
    assertThat(server.take().body).asString().contains("small");
    assertThat(observed.acquired.take().request().model()).isEqualTo("big");
    router.updateEndpoints(List.of(endpoint().model(ServedModel.of("big")).build()));
    try (Response response =
        routed.newCall(again.newBuilder().header("X-Try", "2").build()).execute()) {
      assertThat(response.code()).isEqualTo(200);
    }
    Exchange second = server.take();
    assertThat(second.body).asString().isEqualTo(json);
    assertThat(second.headers.get("X-Try")).isEqualTo("2");
    assertThat(second.target).isEqualTo("/v1/chat/completions");
    assertThat(observed.acquired.take().request().model()).isEqualTo("big");
  }

  @Test
  void theRequestOfAResponseAsksForTheOriginalModelAgain() throws Exception {
    serveOnly("small \"é\"");
    assertThatItsResponsesRequestAsksForTheOriginalModelAgain(calls);
  }

  @Test
  void theRequestOfAnInterceptedResponseAsksForTheOriginalModelAgain() throws Exception {
    serveOnly("small \"é\"");
    assertThatItsResponsesRequestAsksForTheOriginalModelAgain(
        RoutingInterceptor.builder(router).classifier(WITH_FALLBACK).build().addTo(client));
  }

  @Test
  void anotherBodyForTheRequestOfAResponseIsSentAsItIs() throws Exception {
    serveOnly("small \"é\"");
    Request again;
    try (Response response =
        calls.newCall(post(RequestBody.create("{\"model\":\"big\"}", JSON))).execute()) {
      again = response.request();
    }
    server.take();
    String other = "{\"model\":\"small \\\"é\\\"\",\"n\":2}";
    assertThat(sent(again.newBuilder().post(RequestBody.create(other, JSON)).build()))
        .isEqualTo(other);
  }

  @Test
  void aModelThatIsNamedTwiceIsReplacedTwice() throws Exception {
    serveOnly("small \"é\"");
    assertThat(sent("{\"mod\\u0065l\":\"x\",\"a\":{\"model\":\"x\"},\"model\":\"big\"}"))
        .isEqualTo(
            "{\"mod\\u0065l\":\"small \\\"é\\\"\",\"a\":{\"model\":\"x\"},\"model\":\"small \\\"é\\\"\"}");
  }

  @Test
  void aLargeBodyOfUnknownLengthIsRewrittenWhileItIsSent() throws Exception {
    serveOnly("small \"é\"");
    String text = "x".repeat(3_000_000);
    RequestBody body =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return JSON;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8("{\"messages\":[{\"content\":\"").writeUtf8(text).flush();
            sink.writeUtf8("\"}],\"model\":\"b").writeUtf8("ig\"}");
          }
        };
    assertThat(sent(post(body)))
        .isEqualTo("{\"messages\":[{\"content\":\"" + text + "\"}],\"model\":\"small \\\"é\\\"\"}");
  }

  private void assertNoFallbackIsOffered(Request request) {
    serveOnly("small \"é\"");
    Call call = calls.newCall(request);
    assertThatThrownBy(call::execute).isInstanceOf(IOException.class).hasMessageContaining("big");
    assertThat(server.requests()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Encoding", "Content-Digest", "Content-MD5"})
  void aBodyThatAHeaderDependsOnIsOfferedNoFallback(String header) {
    Request request =
        post(RequestBody.create("{\"model\":\"big\"}", JSON))
            .newBuilder()
            .header(header, "x")
            .build();
    InferenceRequest inference =
        InferenceRequest.forModel("big").fallbackModels("small").replayable(true).build();
    assertThat(ModelRewrite.offer(request, inference))
        .isEqualTo(InferenceRequest.forModel("big").replayable(true).build());
    if (!header.equals("Content-Encoding")) {
      assertNoFallbackIsOffered(request);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"input\":\"big\"}",
        "{\"model\":7}",
        "{\"model\":\"big\",\"model\":null}",
        "[]",
        "",
        "{\"model\":\"big\"",
        "{\"model\":{\"model\":\"big\"}}",
        "\"model\"",
      })
  void aBodyThatDoesNotNameItsModelIsOfferedNoFallback(String json) {
    InferenceRequest inference = InferenceRequest.forModel("big").fallbackModels("small").build();
    Request request = post(RequestBody.create(json, JSON));
    assertThat(ModelRewrite.offer(request, inference).fallbackModels()).isEmpty();
  }

  @Test
  void aBodyThatCanBeSentOnlyOnceIsOfferedNoFallback() {
    RequestBody body = RequestBody.create("{\"model\":\"big\"}", JSON);
    InferenceRequest inference = InferenceRequest.forModel("big").fallbackModels("small").build();
    assertThat(ModelRewrite.offer(post(new OneShotBody(body)), inference).fallbackModels())
        .isEmpty();
    assertThat(ModelRewrite.offer(post(body), inference)).isEqualTo(inference);
  }

  @Test
  void aLeaseOfAModelThatCannotBeAskedForIsRefused() {
    serveOnly("small \"é\"");
    InferenceRequest inference =
        InferenceRequest.forModel("big").fallbackModels("small \"é\"").build();
    try (Lease lease = router.acquire(inference)) {
      assertThatThrownBy(() -> ModelRewrite.apply(post(RequestBody.create("{}", JSON)), lease))
          .isInstanceOf(RewriteException.class)
          .hasMessage(
              "model of the request: cannot be replaced by the fallback model small \"é\""
                  + " (expected: a JSON body that names a model and can be written again)");
    }
  }

  private void assertThatItIsNobodysFault(Call.Factory routed, String expected, String... texts)
      throws Exception {
    Deque<String> bodies = new ArrayDeque<>(List.of(texts));
    RequestBody body =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return JSON;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8(bodies.remove());
          }
        };
    assertThatThrownBy(() -> routed.newCall(post(body)).execute())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(expected);
    assertThat(bodies).isEmpty();
    assertThat(observed.outcome()).isEqualTo(Outcome.rejected());
  }

  @Test
  void aBodyThatIsAnotherEachTimeIsNotSentWithTheWrongModelAndIsNobodysFault() throws Exception {
    serveOnly("small \"é\"");
    String big = "{\"model\":\"big\"}";
    Call.Factory intercepted =
        RoutingInterceptor.builder(router).classifier(WITH_FALLBACK).build().addTo(client);
    for (Call.Factory routed : List.of(calls, intercepted)) {
      assertThatItIsNobodysFault(
          routed, "request body: not what it was when it was read", big, big, big, "{\"other\":1}");
      assertThatItIsNobodysFault(
          routed, "model of the request: cannot be replaced", big, big, "{\"other\":1}");
    }
  }
}
