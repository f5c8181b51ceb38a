package io.inferencerouter.examples.demo.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.examples.loopback.BadRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingsBodiesTest {
  @Test
  void aRequestSurvivesWritingAndReading() throws Exception {
    EmbeddingsRequest request =
        new EmbeddingsRequest("m", List.of("one \"quoted\"", "zwölf"), true);

    assertThat(EmbeddingsRequest.parse(new ByteArrayInputStream(request.toJson())))
        .isEqualTo(request);
  }

  @Test
  void aSingleStringIsAnInput() throws Exception {
    assertThat(parse("{\"model\":\"m\",\"input\":\"text\"}"))
        .isEqualTo(new EmbeddingsRequest("m", List.of("text"), false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"input\":\"x\"} | model: missing",
        "{\"model\":\"m\"} | input: missing",
        "{\"model\":\"m\",\"input\":[]} | input: missing or empty",
        "{\"model\":\"m\",\"input\":[1,2]} | input: NUMBER (expected: strings)",
        "{\"model\": | body: not JSON",
        "nonsense | body: not JSON"
      })
  void aBadRequestIsRefusedWithTheReason(String body, String reason) {
    assertThatThrownBy(() -> parse(body))
        .isInstanceOf(BadRequest.class)
        .hasMessageStartingWith(reason);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aResponseSurvivesWritingAndReading(boolean base64) throws Exception {
    EmbeddingsResponse response =
        new EmbeddingsResponse(
            "m", List.of(new float[] {0.25f, -1e-7f, 3}, new float[] {0, 1, -0.1f}), 17);

    EmbeddingsResponse read = EmbeddingsResponse.parse(response.toJson(base64));

    assertThat(read.model()).isEqualTo("m");
    assertThat(read.promptTokens()).isEqualTo(17);
    assertThat(read.embeddings()).containsExactlyElementsOf(response.embeddings());
  }

  @Test
  void vectorsOutOfOrderAreRefused() {
    String body = "{\"data\":[{\"index\":1,\"embedding\":[1]}]}";

    assertThatThrownBy(() -> EmbeddingsResponse.parse(body.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessage("data.index: 1 (expected: 0)");
  }

  private static EmbeddingsRequest parse(String body) throws IOException {
    return EmbeddingsRequest.parse(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
  }
}
