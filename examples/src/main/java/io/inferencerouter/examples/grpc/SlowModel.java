package io.inferencerouter.examples.grpc;

import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.kserve.ModelInferResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Serves one request at a time. Every embedding is computed, and then waited for until a stated
 * time is over, so that one machine can stand for several of different speeds.
 */
final class SlowModel implements TextModel {
  private final MiniLm model;
  private final long nanosPerText;
  private final Semaphore turn = new Semaphore(1, true);

  /**
   * Creates a model that is served so.
   *
   * @param timePerText how long each text takes, unless computing takes longer; zero for no longer
   *     than computing
   */
  SlowModel(MiniLm model, Duration timePerText) {
    this.model = model;
    this.nanosPerText = timePerText.toNanos();
  }

  @Override
  public ModelInferResponse.Builder infer(List<String> texts)
      throws IOException, InterruptedException {
    List<float[]> vectors = new ArrayList<>();
    turn.acquire();
    try {
      long start = System.nanoTime();
      for (String text : texts) {
        vectors.add(model.embed(text).vector());
      }
      TimeUnit.NANOSECONDS.sleep(nanosPerText * texts.size() - (System.nanoTime() - start));
    } finally {
      turn.release();
    }
    return Vectors.response(vectors);
  }
}
