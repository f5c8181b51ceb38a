package io.inferencerouter.examples.demo.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.ServerTiming;
import io.inferencerouter.examples.embedding.LoadedModel;
import io.inferencerouter.examples.embedding.MiniLm;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerCheckTest {
  private static final String PAGE = "Payable within 30 days.";
  private final AnswerCheck check = new AnswerCheck(LoadedModel.get());
  private final DocumentJob compared = job(0, DocumentApi.OPENAI);
  private final DocumentJob notCompared = job(1, DocumentApi.OPENAI);

  @Test
  void theModelsOwnEmbeddingIsRight() throws Exception {
    assertThat(problem(answer(compared, embedding(PAGE)))).isEmpty();
  }

  @Test
  void theEmbeddingOfAnotherTextIsFound() throws Exception {
    assertThat(problem(answer(compared, embedding("A cat.")))).isPresent();
  }

  @Test
  void anAnswerThatDiffersFromAnEarlierOneIsFound() throws Exception {
    assertThat(problem(answer(notCompared, embedding(PAGE)))).isEmpty();
    assertThat(problem(answer(notCompared, embedding(PAGE)))).isEmpty();
    assertThat(problem(answer(notCompared, embedding("A cat."))))
        .hasValue("an embedding differs from an earlier one of the same page");
  }

  @Test
  void aMissingEmbeddingIsFound() throws Exception {
    assertThat(problem(answer(compared))).hasValue("0 embeddings (expected: 1)");
  }

  @Test
  void aVectorOfTheWrongLengthIsFound() throws Exception {
    float[] shorter = {1};
    float[] longer = embedding(PAGE);
    longer[0] += 0.5f;
    float[] notANumber = embedding(PAGE);
    notANumber[3] = Float.NaN;

    for (float[] wrong : List.of(shorter, longer, notANumber)) {
      assertThat(problem(answer(compared, wrong)))
          .hasValue("an embedding is not a vector of length one");
    }
  }

  @Test
  void aWrongStatusAndABrokenBodyAreFound() throws Exception {
    byte[] garbage = {'{'};

    assertThat(problem(Answer.whole(compared, 1, 503, "e", ServerTiming.UNKNOWN, garbage)))
        .hasValue("status 503");
    assertThat(problem(Answer.whole(compared, 1, 200, "e", ServerTiming.UNKNOWN, garbage)))
        .isPresent();
  }

  @Test
  void answersOverGrpcAreComparedAlike() throws Exception {
    DocumentJob first = job(0, DocumentApi.OPEN_INFERENCE);
    DocumentJob later = job(1, DocumentApi.OPEN_INFERENCE);
    byte[] garbage = {'{'};

    assertThat(problem(inferred(first, embedding(PAGE)))).isEmpty();
    assertThat(problem(inferred(first, embedding("A cat."))))
        .hasValue("an embedding differs from an earlier one of the same page");
    assertThat(problem(inferred(later, embedding("A cat.")))).isEmpty();
    assertThat(problem(inferred(later))).hasValue("0 embeddings (expected: 1)");
    assertThat(problem(Answer.whole(later, 1, 200, "e", ServerTiming.UNKNOWN, garbage)))
        .hasValueSatisfying(problem -> assertThat(problem).startsWith("body: "));
    assertThat(problem(Answer.whole(later, 1, 200, "e", ServerTiming.UNKNOWN, new byte[0])))
        .hasValueSatisfying(problem -> assertThat(problem).startsWith("body: outputs: "));
  }

  private static Answer inferred(DocumentJob job, float[]... vectors) {
    EmbeddingsResponse response =
        new EmbeddingsResponse(MiniLm.NAME, List.of(vectors), job.inputTokens());
    byte[] body = InferMessages.response(response).build().toByteArray();
    return Answer.whole(job, 1, 200, "e", ServerTiming.UNKNOWN, body);
  }

  private static float[] embedding(String text) throws Exception {
    return LoadedModel.get().embed(text).vector();
  }

  private static Optional<String> problem(Answer answer) throws Exception {
    return answer.job().problem(answer);
  }

  private static Answer answer(DocumentJob job, float[]... vectors) throws Exception {
    byte[] body =
        new EmbeddingsResponse(MiniLm.NAME, List.of(vectors), job.inputTokens()).toJson(true);
    return Answer.whole(job, 1, 200, "e", ServerTiming.UNKNOWN, body);
  }

  private DocumentJob job(int number, DocumentApi api) {
    Document document = new Document(DocumentKind.INVOICE, List.of(PAGE));
    return new DocumentJob(number, document, LoadedModel.get().tokens(PAGE), 0, api, check);
  }
}
