package io.inferencerouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  private static final String SECRET = "sk-very-secret";

  @Test
  void theDefaultsAreOnesThatAFirstUserCanLiveWith() {
    Endpoint endpoint = Endpoint.of("gpu-1", "https://gpu-1:8000/v1");

    assertThat(endpoint.weight()).isEqualTo(1);
    assertThat(endpoint.maxConcurrency()).isEqualTo(1024);
    assertThat(endpoint.memoryBudget()).isEqualTo(Endpoint.UNLIMITED_MEMORY);
    assertThat(endpoint.models()).isEmpty();
    assertThat(endpoint.profile()).isEmpty();
    assertThat(endpoint.credential()).isEmpty();
    assertThat(endpoint.uri()).isEqualTo(URI.create("https://gpu-1:8000/v1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "gpu-1",
        "gpu-1:8000",
        "//gpu-1",
        "https://",
        "https:///v1",
        "https://gpu 1",
        "https://gpu-1:99999",
        "https://gpu-1:0",
        "https://gpu-1/?key=1",
        "https://gpu-1/#top"
      })
  void anAddressThatCannotBeSentToIsRefused(String uri) {
    assertThatThrownBy(() -> Endpoint.of("gpu-1", uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("uri of endpoint gpu-1: ")
        .hasMessageContaining("(expected: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://user:" + SECRET + "@gpu-1/v1",
        "https://" + SECRET + "@gpu_1/v1",
        "user:" + SECRET + "@gpu-1",
        "https://gpu-1/v1?api-key=" + SECRET,
        "https://gpu-1/v1#" + SECRET,
        "https://gpu-1:99999/" + SECRET + "?",
        "https://gpu 1/" + SECRET
      })
  void theMessageOfARefusedAddressDoesNotRepeatASecret(String uri) {
    assertThatThrownBy(() -> Endpoint.of("gpu-1", uri))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.toString()).doesNotContain(SECRET));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e-9, 1e9})
  void aWeightOutOfRangeIsRefused(double weight) {
    assertThatThrownBy(() -> Endpoint.builder("gpu-1", "http://gpu-1").weight(weight))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("weight of endpoint gpu-1: " + weight + " (expected: ");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Endpoint.MAX_CONCURRENCY_LIMIT + 1})
  void aSlotLimitOutOfRangeIsRefused(int slots) {
    assertThatThrownBy(() -> Endpoint.builder("gpu-1", "http://gpu-1").maxConcurrency(slots))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(expected: 1 to 32767)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a\r\nb", "tab\there", "\u0000"})
  void anIdThatIsBlankOrHasControlCharactersIsRefused(String id) {
    assertThatThrownBy(() -> Endpoint.of(id, "http://gpu-1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("endpoint id: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nb", "a\nb", "\ra", "\u0000", "a\u0085"})
  void noNameOfAnEndpointMayHaveALineBreak(String name) {
    Endpoint.Builder endpoint = Endpoint.builder("gpu-1", "http://gpu-1");
    List<ThrowingCallable> settings =
        List.of(
            () -> endpoint.model(name),
            () -> ServedModel.builder("m").version(name),
            () -> endpoint.region(name),
            () -> endpoint.zone(name),
            () -> endpoint.label(name, "value"),
            () -> endpoint.label("name", name),
            () -> endpoint.header(name, "value"),
            () -> endpoint.header("X-A", name),
            () -> Credential.header(name, () -> "secret"),
            () -> LoadReport.builder().namedMetric(name, 1));

    assertThat(settings)
        .allSatisfy(
            setting ->
                assertThatThrownBy(setting)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(expected: ")
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContainPattern("[\r\n]")));
    assertThat(endpoint.build()).isEqualTo(Endpoint.of("gpu-1", "http://gpu-1"));
  }

  @Test
  void otherValuesOutOfRangeAreRefused() {
    Endpoint.Builder endpoint = Endpoint.builder("gpu-1", "http://gpu-1");

    assertThatThrownBy(() -> endpoint.memoryBudget(0))
        .hasMessageStartingWith("memoryBudget of endpoint gpu-1: 0 (expected: ");
    assertThatThrownBy(() -> endpoint.memoryBudget(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> endpoint.maxResidentModels(0))
        .hasMessageStartingWith("maxResidentModels of endpoint gpu-1: 0 (expected: ");
    assertThatThrownBy(() -> ServedModel.builder("m").loadTime(Duration.ofNanos(-1)))
        .hasMessageStartingWith("loadTime: PT-0.000000001S (expected: ");
  }

  @Test
  void anAbsurdlyLongNameIsRefused() {
    assertThatThrownBy(() -> Endpoint.of("x".repeat(2_000), "http://gpu-1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2000 characters");
  }

  @Test
  void aHeaderCannotSmuggleAnotherOne() {
    Endpoint.Builder builder = Endpoint.builder("gpu-1", "http://gpu-1");

    assertThatThrownBy(() -> builder.header("X-A", SECRET + "\r\nX-B: 2"))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain(SECRET));
    assertThatThrownBy(() -> builder.header("X A", "1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.header("X-A:", "1"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aModelIsDeclaredOnceInEachVersion() {
    Endpoint.Builder builder =
        Endpoint.builder("gpu-1", "http://gpu-1")
            .model("llama")
            .model(ServedModel.builder("llama").version("2").build());

    assertThatThrownBy(() -> builder.model("llama"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("model of endpoint gpu-1: llama (expected: each name and version once)");
    assertThat(builder.build().models()).hasSize(2);
  }

  @Test
  void neitherHeadersNorCredentialsAppearInText() {
    Endpoint endpoint =
        Endpoint.builder("gpu-1", "http://gpu-1")
            .header("X-Team", SECRET)
            .credential(Credential.bearer(SECRET))
            .build();

    assertThat(endpoint.toString()).isEqualTo("Endpoint[gpu-1 http://gpu-1]");
    assertThat(EndpointSnapshot.builder(endpoint, Lifecycle.ACTIVE).build().toString())
        .doesNotContain(SECRET);
    assertThat(Explanation.Verdict.removed(endpoint, "model").toString()).doesNotContain(SECRET);
    assertThat(endpoint.credential().orElseThrow().toString())
        .isEqualTo("Credential[Authorization: ***]");
  }

  @Test
  void aRebuiltEndpointIsEqualToItsOriginal() {
    Endpoint endpoint =
        Endpoint.builder("gpu-1", "http://gpu-1")
            .weight(2)
            .maxConcurrency(8)
            .memoryBudget(10_000)
            .region("eu")
            .zone("eu-1")
            .label("rack", "7")
            .header("X-A", "1")
            .credential(Credential.header("x-api-key", () -> SECRET))
            .profile(HardwareProfile.builder(1, 1).overhead(Duration.ofMillis(3)).build())
            .model(ServedModel.builder("m").version("1").loadTime(Duration.ofSeconds(3)).build())
            .build();

    assertThat(endpoint.toBuilder().build()).isEqualTo(endpoint).hasSameHashCodeAs(endpoint);
    assertThat(endpoint.toBuilder().weight(3).build()).isNotEqualTo(endpoint);
    assertThat(endpoint.models().get(0).resident()).isFalse();
  }
}
