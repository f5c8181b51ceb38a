package io.inferencerouter.examples.grpc;

import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.kserve.ModelInferResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * Serves one request at a time, and computes each embedding several times over, so it really is
 * slower than the model.
 */
final class SlowModel implements TextModel {
  private final MiniLm model;
  private final int slowness;
  private final Semaphore turn = new Semaphore(1, true);

  /**
   * Creates a model that is served so.
   *
   * @param slowness how often each embedding is computed, at least once
   */
  SlowModel(MiniLm model, int slowness) {
    this.model = model;
    this.slowness = slowness;
  }

  @Override
  public ModelInferResponse.Builder infer(List<String> texts)
      throws IOException, InterruptedException {
    List<float[]> vectors = new ArrayList<>();
    turn.acquire();
    try {
      for (String text : texts) {
        for (int i = 1; i < slowness; i++) {
          model.embed(text);
        }
        vectors.add(model.embed(text).vector());
      }
    } finally {
      turn.release();
    }
    return Vectors.response(vectors);
  }
}
