package io.inferencerouter.examples.demo.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.demo.engine.EmbeddingsResponse;
import io.inferencerouter.examples.demo.engine.LoadedModel;
import io.inferencerouter.examples.demo.engine.MiniLm;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerCheckTest {
  private static final String PAGE = "Payable within 30 days.";
  private static final Job COMPARED = job(0);
  private static final Job NOT_COMPARED = job(1);

  private final AnswerCheck check = new AnswerCheck(LoadedModel.get());

  @Test
  void theModelsOwnEmbeddingIsRight() throws Exception {
    assertThat(check.problem(answer(COMPARED, embedding(PAGE)))).isEmpty();
  }

  @Test
  void theEmbeddingOfAnotherTextIsFound() throws Exception {
    assertThat(check.problem(answer(COMPARED, embedding("A cat.")))).isPresent();
  }

  @Test
  void anAnswerThatDiffersFromAnEarlierOneIsFound() throws Exception {
    assertThat(check.problem(answer(NOT_COMPARED, embedding(PAGE)))).isEmpty();
    assertThat(check.problem(answer(NOT_COMPARED, embedding(PAGE)))).isEmpty();
    assertThat(check.problem(answer(NOT_COMPARED, embedding("A cat."))))
        .hasValue("an embedding differs from an earlier one of the same page");
  }

  @Test
  void aMissingEmbeddingIsFound() throws Exception {
    assertThat(check.problem(answer(COMPARED))).hasValue("0 embeddings (expected: 1)");
  }

  @Test
  void aVectorOfTheWrongLengthIsFound() throws Exception {
    float[] shorter = {1};
    float[] longer = embedding(PAGE);
    longer[0] += 0.5f;
    float[] notANumber = embedding(PAGE);
    notANumber[3] = Float.NaN;

    for (float[] wrong : List.of(shorter, longer, notANumber)) {
      assertThat(check.problem(answer(COMPARED, wrong)))
          .hasValue("an embedding is not a vector of length one");
    }
  }

  @Test
  void aWrongStatusAndABrokenBodyAreFound() throws Exception {
    byte[] garbage = {'{'};

    assertThat(check.problem(new Answer(COMPARED, 1, 503, "e", ServerTiming.UNKNOWN, garbage, "")))
        .hasValue("status 503");
    assertThat(check.problem(new Answer(COMPARED, 1, 200, "e", ServerTiming.UNKNOWN, garbage, "")))
        .isPresent();
  }

  private static float[] embedding(String text) throws Exception {
    return LoadedModel.get().embed(text).vector();
  }

  private static Answer answer(Job job, float[]... vectors) throws Exception {
    byte[] body = new EmbeddingsResponse(MiniLm.NAME, List.of(vectors), job.tokens()).toJson(true);
    return new Answer(job, 1, 200, "e", ServerTiming.UNKNOWN, body, "");
  }

  private static Job job(int number) {
    Document document = new Document(DocumentKind.INVOICE, List.of(PAGE));
    return new Job(number, document, LoadedModel.get().tokens(PAGE), 0);
  }
}
