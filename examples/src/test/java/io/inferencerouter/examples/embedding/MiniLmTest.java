package io.inferencerouter.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MiniLmTest {
  private final MiniLm model = LoadedModel.get();

  @Test
  void similarSentencesAreCloserThanDissimilarOnes() throws Exception {
    float[] invoice = model.embed("The invoice is payable within 30 days.").vector();
    float[] bill = model.embed("Please settle the bill within one month.").vector();
    float[] cat = model.embed("A cat sleeps on the warm windowsill.").vector();

    assertThat(dot(invoice, bill)).isGreaterThan(dot(invoice, cat) + 0.3);
  }

  @Test
  void embeddingsHaveLengthOne() throws Exception {
    Embedding embedding = model.embed("Delivery of steel brackets to the plant in Bremen");

    assertThat(embedding.vector()).hasSize(MiniLm.DIMENSIONS);
    assertThat(dot(embedding.vector(), embedding.vector())).isEqualTo(1, within(1e-5));
  }

  @Test
  void theSameTextHasTheSameEmbedding() throws Exception {
    assertThat(model.embed("twelve pallets").vector())
        .isEqualTo(model.embed("twelve pallets").vector());
  }

  @Test
  void tokensAreThoseTheModelReads() throws Exception {
    String text = "hello world";

    assertThat(model.tokens(text)).isEqualTo(4); // with the marks for start and end
    assertThat(model.embed(text).tokens()).isEqualTo(4);
  }

  @Test
  void aTextThatIsTooLongIsCut() throws Exception {
    assertThat(model.embed("page ".repeat(2000)).tokens()).isEqualTo(512);
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
