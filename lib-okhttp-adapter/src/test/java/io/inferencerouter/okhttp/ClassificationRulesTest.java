package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Priority;
import java.io.IOException;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassificationRulesTest {
  private static final RequestClassifier NOTHING_ELSE = request -> InferenceRequest.anyModel();

  private static ClassificationRule.Builder rule() {
    return ClassificationRule.builder();
  }

  private static ClassificationRules rules(ClassificationRule.Builder... rules) {
    ClassificationRules.Builder all = ClassificationRules.builder().otherwise(NOTHING_ELSE);
    for (ClassificationRule.Builder rule : rules) {
      all.rule(rule.build());
    }
    return all.build();
  }

  private static Request.Builder post(String url, String json) {
    return new Request.Builder().url(url).post(RequestBody.create(json, RoutedTest.JSON));
  }

  private static Request get(String url) {
    return new Request.Builder().url(url).build();
  }

  @Test
  void aRuleSaysWhatItSays() {
    ClassificationRules rules =
        rules(
            rule()
                .path("/v1/ocr/**")
                .model("ocr-large")
                .modelVersion("2")
                .fallbackModels("ocr-small")
                .tenant("a")
                .task("ocr")
                .priority(Priority.BACKGROUND)
                .input(InputUnit.PAGES, 3)
                .outputLimit(0)
                .streaming(true)
                .idempotent(true)
                .hedgeable(true)
                .allowedRegions("eu")
                .deadline(Duration.ofSeconds(9))
                .maxQueueTime(Duration.ZERO));
    assertThat(rules.classify(get("http://inference/v1/ocr/scan")))
        .isEqualTo(
            InferenceRequest.forModel("ocr-large")
                .modelVersion("2")
                .fallbackModels("ocr-small")
                .tenant("a")
                .task("ocr")
                .priority(Priority.BACKGROUND)
                .input(InputUnit.PAGES, 3)
                .outputLimit(0)
                .streaming(true)
                .idempotent(true)
                .hedgeable(true)
                .allowedRegions("eu")
                .deadline(Duration.ofSeconds(9))
                .maxQueueTime(Duration.ZERO)
                .build());
    assertThat(rules.classify(get("http://inference/v1/other")))
        .isEqualTo(InferenceRequest.anyModel());
  }

  @Test
  void valuesComeFromHeadersAndFields() {
    ClassificationRules rules =
        rules(
            rule()
                .modelFromJson("/parameters/models/1/name")
                .tenantFromHeader("X-Tenant")
                .taskFromHeader("X-Task")
                .sessionFromHeader("X-Session")
                .priorityFromHeader("X-Priority")
                .inputFromHeader(InputUnit.PAGES, "X-Pages")
                .inputFromJson(InputUnit.IMAGES, "/images")
                .outputLimitFromJson("/parameters/limit"));
    assertThat(
            rules.classify(
                post(
                        "http://inference/predict",
                        """
                        {"images": 2, "models": ["no"], "name": "no", "parameters":
                          {"limit": 70, "models": [{"name": "no"}, {"id": {"name": "no"}, "name": "yes"}]}}
                        """)
                    .header("x-tenant", "team")
                    .header("X-Task", "extraction")
                    .header("X-Session", "conversation")
                    .header("X-Priority", "critical")
                    .header("X-Pages", "12")
                    .build()))
        .isEqualTo(
            InferenceRequest.forModel("yes")
                .tenant("team")
                .task("extraction")
                .session("conversation")
                .priority(Priority.CRITICAL)
                .input(InputUnit.PAGES, 12)
                .input(InputUnit.IMAGES, 2)
                .outputLimit(70)
                .build());
    ClassificationRules others =
        rules(
            rule()
                .modelFromHeader("X-Model")
                .tenantFromJson("/metadata/user_id")
                .taskFromJson("/metadata/kind")
                .sessionFromJson("/s")
                .priorityFromJson("/p~1q"));
    assertThat(
            others.classify(
                post(
                        "http://inference/",
                        "{\"metadata\":{\"user_id\":\"u\",\"kind\":\"labels\"},\"s\":true,\"p/q\":\"Background\"}")
                    .header("X-Model", "m")
                    .build()))
        .isEqualTo(
            InferenceRequest.forModel("m")
                .tenant("u")
                .task("labels")
                .session("true")
                .priority(Priority.BACKGROUND)
                .build());
  }

  @Test
  void theFirstRuleThatFindsSomethingWins() {
    ClassificationRules rules =
        rules(
            rule().tenantFromHeader("X-Team").model("first"),
            rule().path("/other").tenant("other"),
            rule().tenantFromHeader("X-Tenant").model("second").streaming(true),
            rule().tenant("default"));
    Request request = get("http://inference/");
    assertThat(rules.classify(request))
        .isEqualTo(InferenceRequest.forModel("first").tenant("default").streaming(true).build());
    assertThat(rules.classify(request.newBuilder().header("X-Tenant", "tenant").build()).tenant())
        .isEqualTo("tenant");
    assertThat(
            rules
                .classify(
                    request.newBuilder().header("X-Tenant", "a").header("X-Team", "team").build())
                .tenant())
        .isEqualTo("team");
  }

  @Test
  void whatNoRuleSetsIsAsTheApiSays() {
    ClassificationRules rules =
        ClassificationRules.builder()
            .rule(rule().tenantFromJson("/user").model("other").build())
            .build();
    assertThat(
            rules.classify(
                post(
                        "http://inference/v1/chat/completions",
                        "{\"model\":\"m\",\"max_tokens\":5,\"user\":\"u\",\"messages\":[{\"content\":\"four\"}]}")
                    .build()))
        .isEqualTo(
            InferenceRequest.forModel("other")
                .replayable(true)
                .tenant("u")
                .task("chat")
                .outputLimit(5)
                .input(InputUnit.CHARACTERS, 4)
                .build());
  }

  @Test
  void allConditionsMustHold() {
    ClassificationRules rules =
        rules(
            rule()
                .host("*.example.com")
                .path("/v1/*")
                .header("X-Key")
                .header("X-Kind", "ocr")
                .json("/task", "read")
                .model("yes"));
    Request request =
        post("http://a.EXAMPLE.com/v1/x?y", "{\"task\":\"read\"}")
            .header("X-Key", "")
            .header("X-Kind", "ocr")
            .build();
    assertThat(rules.classify(request).model()).isEqualTo("yes");
    for (Request other :
        new Request[] {
          request.newBuilder().url("http://example.com/v1/x").build(),
          request.newBuilder().url("http://a.b.example.com/v1/x").build(),
          request.newBuilder().url("http://a.example.com/v1/x/y").build(),
          request.newBuilder().removeHeader("X-Key").build(),
          request.newBuilder().header("X-Kind", "OCR").build(),
          request.newBuilder().removeHeader("X-Kind").build(),
          request
              .newBuilder()
              .post(RequestBody.create("{\"task\":\"write\"}", RoutedTest.JSON))
              .build(),
          request.newBuilder().post(RequestBody.create("{\"task\":", RoutedTest.JSON)).build(),
          request.newBuilder().header("Content-Encoding", "gzip").build(),
        }) {
      assertThat(rules.classify(other).model()).as("%s", other).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/ocr/**,/v1/ocr/a/b,true",
    "/v1/ocr/**,/v1/ocr/,true",
    "/v1/ocr/**,/v1/ocr,false",
    "/v1/*/run,/v1/ocr/run,true",
    "/v1/*/run,/v1/a/b/run,false",
    "/v1/**/run,/v1/a/b/run,true",
    "**,/anything/at/all,true",
    "/v1/a.c,/v1/abc,false",
    "/v1/a+(c,/v1/a+(c,true",
    "/v1,/v1/x,false",
  })
  void pathsAreMatchedAsAWhole(String glob, String path, boolean matches) {
    assertThat(rules(rule().path(glob).model("m")).classify(get("http://x" + path)).model())
        .isEqualTo(matches ? "m" : "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "a\tb", "LONG"})
  void aHeaderThatIsNoNameIsIgnored(String value) {
    String header = value.equals("LONG") ? "x".repeat(1025) : value;
    Request request = get("http://x/").newBuilder().header("X-Value", header).build();
    ClassificationRules rules =
        rules(
            rule()
                .modelFromHeader("X-Value")
                .tenantFromHeader("X-Value")
                .sessionFromHeader("X-Value")
                .priorityFromHeader("X-Value")
                .inputFromHeader(InputUnit.PAGES, "X-Value"));
    assertThat(rules.classify(request)).isEqualTo(InferenceRequest.anyModel());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-1", "1.5", "1e3", "many", "9999999999999", "99999999999999999999", "0x1", "١"})
  void aSizeThatIsNoneIsIgnored(String value) {
    Request request =
        get("http://x/")
            .newBuilder()
            .headers(new okhttp3.Headers.Builder().addUnsafeNonAscii("X-Pages", value).build())
            .build();
    assertThat(
            rules(rule().inputFromHeader(InputUnit.PAGES, "X-Pages"))
                .classify(request)
                .hasInput(InputUnit.PAGES))
        .isFalse();
  }

  @Test
  void theBodyIsReadOnlyForFieldsAndOnlyUpToTheLimit() {
    RequestBody unreadable =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return RoutedTest.JSON;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            throw new AssertionError("written");
          }
        };
    Request request = new Request.Builder().url("http://x/a").post(unreadable).build();
    assertThat(rules(rule().model("m"), rule().path("/b").tenantFromJson("/t")).classify(request))
        .isEqualTo(InferenceRequest.forModel("m").build());

    ClassificationRules bounded =
        ClassificationRules.builder()
            .otherwise(NOTHING_ELSE)
            .maxScannedBytes(1024)
            .rule(rule().modelFromJson("/model").tenantFromJson("/tenant").build())
            .build();
    String json = "{\"model\":\"m\",\"text\":\"" + "x".repeat(1024) + "\",\"tenant\":\"t\"}";
    assertThat(bounded.classify(post("http://x/", json).build()))
        .isEqualTo(InferenceRequest.forModel("m").build());
  }

  @Test
  void whatCannotBeSetIsRefusedAtOnce() {
    assertThatThrownBy(() -> rule().tenant("a\nb"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("tenant: control character");
    assertThatThrownBy(() -> rule().input(InputUnit.PAGES, -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> rule().deadline(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> rule().modelFromJson("model"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("JSON pointer: model (expected: a text that starts with /)");
    assertThatThrownBy(() -> ClassificationRules.builder().maxScannedBytes(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxScannedBytes: 1 (expected: 1024 to 268435456)");
  }

  @Property
  void nothingInARequestThrows(@ForAll byte[] body, @ForAll String text, @ForAll String path) {
    ClassificationRules rules =
        ClassificationRules.builder()
            .rule(
                rule()
                    .path("/**")
                    .modelFromJson("/a/0")
                    .tenantFromJson("/a")
                    .inputFromJson(InputUnit.PAGES, "/b/c")
                    .build())
            .build();
    Request.Builder request =
        new Request.Builder()
            .url(okhttp3.HttpUrl.get("http://x/").newBuilder().addPathSegments(path).build());
    assertThat(rules.classify(request.post(RequestBody.create(body, RoutedTest.JSON)).build()))
        .isNotNull();
    String json = "{\"a\":" + text + ",\"b\":{\"c\":" + text + "}}";
    assertThat(rules.classify(request.post(RequestBody.create(json, RoutedTest.JSON)).build()))
        .isNotNull();
  }
}
