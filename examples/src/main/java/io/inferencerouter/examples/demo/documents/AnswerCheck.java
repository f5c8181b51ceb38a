package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.embedding.MiniLm;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Checks that answers are right: one vector for each page, of the right length, finite, of length
 * one, the right number of tokens, and the same vectors whenever the same document is sent. Every
 * {@value #SAMPLE}th document is compared with what the model says when asked directly.
 */
final class AnswerCheck {
  private static final int SAMPLE = 40;
  private static final double TOLERANCE = 1e-3;

  private final MiniLm engine;
  private final Map<Integer, Integer> hashes = new ConcurrentHashMap<>();

  /**
   * Creates a check that remembers what it has seen.
   *
   * @param engine is asked for comparison
   */
  AnswerCheck(MiniLm engine) {
    this.engine = engine;
  }

  /** Finds out what is wrong with an answer; nothing is, as a rule. */
  Optional<String> problem(DocumentJob job, Answer answer)
      throws IOException, InterruptedException {
    if (!answer.failure().isEmpty()) {
      return Optional.of(answer.failure());
    }
    if (answer.status() != 200) {
      return Optional.of("status " + answer.status());
    }
    EmbeddingsResponse response;
    try {
      response = job.api().response(answer.body());
    } catch (IOException e) {
      return Optional.of("body: " + e.getMessage());
    }
    List<String> pages = job.document().pages();
    if (response.embeddings().size() != pages.size()) {
      return Optional.of(
          response.embeddings().size() + " embeddings (expected: " + pages.size() + ")");
    }
    if (response.promptTokens() != job.inputTokens()) {
      return Optional.of(response.promptTokens() + " tokens (expected: " + job.inputTokens() + ")");
    }
    for (float[] vector : response.embeddings()) {
      if (!isUnit(vector)) {
        return Optional.of("an embedding is not a vector of length one");
      }
    }
    return differs(job, response)
        ? Optional.of("an embedding differs from an earlier one of the same page")
        : Optional.empty();
  }

  private boolean differs(DocumentJob job, EmbeddingsResponse response)
      throws IOException, InterruptedException {
    int hash = Arrays.deepHashCode(response.embeddings().toArray());
    Integer earlier = hashes.putIfAbsent(job.number(), hash);
    if (earlier != null) {
      return earlier != hash;
    }
    if (job.number() % SAMPLE != 0) {
      return false;
    }
    float[] expected = engine.embed(job.document().pages().get(0)).vector();
    return !Arrays.equals(expected, response.embeddings().get(0));
  }

  private static boolean isUnit(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    return vector.length == MiniLm.DIMENSIONS && Math.abs(Math.sqrt(squares) - 1) < TOLERANCE;
  }
}
