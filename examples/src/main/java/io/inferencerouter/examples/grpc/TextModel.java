package io.inferencerouter.examples.grpc;

import io.inferencerouter.kserve.ModelInferResponse;
import java.io.IOException;
import java.util.List;

/** What an {@link InferenceServer} does with texts. Called by many threads at once. */
@FunctionalInterface
public interface TextModel {
  /**
   * Computes the embeddings of texts.
   *
   * @return an answer with them, to which the server adds model and name
   * @throws IOException if the model cannot be run
   * @throws InterruptedException if the thread is interrupted, as when the server is closed
   */
  ModelInferResponse.Builder infer(List<String> texts) throws IOException, InterruptedException;
}
