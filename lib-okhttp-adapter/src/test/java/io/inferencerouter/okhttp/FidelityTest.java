package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;

/** What is sent arrives as it is, and what comes back is what was answered. */
class FidelityTest {
  private static SharedServer shared;

  @BeforeContainer
  static void start() throws Exception {
    shared = new SharedServer();
  }

  @AfterContainer
  static void stop() throws Exception {
    shared.stop();
  }

  private static void echo() {
    shared.server.forget();
    shared.server.script(
        e -> {
          var out = e.begin(200, "application/json");
          out.write(e.body);
          out.close();
        });
  }

  private static byte[] roundTrip(Wire wire, String type, RequestBody body) throws Exception {
    Request request =
        new Request.Builder()
            .url("http://inference/v1/chat/completions")
            .header("X-Type", type)
            .post(body)
            .build();
    try (Response response = shared.calls.get(wire).newCall(request).execute()) {
      return response.body().bytes();
    }
  }

  @Property(tries = 150)
  void aBodyIsSentAndReturnedByteForByte(
      @ForAll Wire wire, @ForAll @Size(max = 5000) byte[] bytes, @ForAll boolean known)
      throws Exception {
    echo();
    byte[] returned =
        roundTrip(
            wire, "random", known ? RequestBody.create(bytes, RoutedTest.JSON) : streamed(bytes));
    assertThat(returned).isEqualTo(bytes);
    assertThat(shared.server.take().body).isEqualTo(bytes);
  }

  @Property(tries = 10)
  void aLargeBodyIsSentAndReturnedByteForByte(
      @ForAll Wire wire,
      @ForAll @IntRange(min = 500_000, max = 5_000_000) int size,
      @ForAll long seed,
      @ForAll boolean known)
      throws Exception {
    echo();
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    byte[] returned =
        roundTrip(
            wire, "large", known ? RequestBody.create(bytes, RoutedTest.JSON) : streamed(bytes));
    assertThat(returned).isEqualTo(bytes);
    assertThat(shared.server.take().body).isEqualTo(bytes);
  }

  private static RequestBody streamed(byte[] bytes) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return RoutedTest.JSON;
      }

      @Override
      public void writeTo(BufferedSink sink) throws java.io.IOException {
        for (int at = 0; at < bytes.length; at += 1000) {
          sink.write(bytes, at, Math.min(1000, bytes.length - at));
        }
      }
    };
  }

  @Provide
  Arbitrary<String> targets() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "a", "/", "%2F", "%20", "%", "+", ";", "=", "&", ":", "@", ".", "..", "%2e", "é", "~",
            "'", "(");
    Arbitrary<String> text = pieces.list().ofMaxSize(12).map(p -> String.join("", p));
    return text.flatMap(
        path -> text.map(query -> "/" + path + (query.length() % 2 == 0 ? "" : "?" + query)));
  }

  @Property(tries = 200)
  void pathAndQueryAreSentAsTheClientWouldSendThem(
      @ForAll Wire wire, @ForAll("targets") String target) throws Exception {
    shared.server.script(e -> e.respond(200, "text/plain", e.target));
    HttpUrl url = HttpUrl.get("http://inference" + target);
    HttpUrl behindBase = HttpUrl.get(shared.server.uri() + "/base" + url.encodedPath());
    behindBase = behindBase.newBuilder().encodedQuery(url.encodedQuery()).build();
    assertThat(body(shared.calls.get(wire), url))
        .isEqualTo(body(shared.clients.get(wire), behindBase));
  }

  private static String body(Call.Factory calls, HttpUrl url) throws Exception {
    try (Response response = calls.newCall(new Request.Builder().url(url).build()).execute()) {
      return response.code() + " " + response.body().string();
    }
  }
}
