package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.HardwareProfile;
import io.inferencerouter.examples.demo.workload.ServerTiming;
import io.inferencerouter.examples.embedding.Embedding;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.examples.loopback.Served;
import io.inferencerouter.examples.loopback.ServedLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What is behind an endpoint, however requests reach it: it serves a fixed number of them at a
 * time; the others wait in the order in which they came.
 *
 * <p>Each request is really computed. Then it keeps its permit until its service time is over: the
 * {@linkplain Calibration#nominal nominal time} of its tokens times the endpoint's slow-down. So
 * one machine can stand for several GPUs of different speed, as long as the endpoints together need
 * fewer processors than it has.
 */
final class EndpointEngine {
  private static final int LONGEST_SERVICE_SECONDS = 120;

  private final EndpointSpec spec;
  private final MiniLm model;
  private final Calibration calibration;
  private final Semaphore permits;
  private final ServedLog served = new ServedLog();
  private volatile double slowDown = 1;

  /**
   * Creates an engine.
   *
   * @param spec speed and permits
   * @param model shared by all engines and not closed by them
   * @param calibration the unit of the slow-down
   */
  EndpointEngine(EndpointSpec spec, MiniLm model, Calibration calibration) {
    this.spec = spec;
    this.model = model;
    this.calibration = calibration;
    this.permits = new Semaphore(spec.permits(), true);
  }

  String name() {
    return spec.name();
  }

  int slots() {
    return spec.permits();
  }

  HardwareProfile profile() {
    return HardwareProfile.inputOnly(spec.tokensPerSecond(calibration))
        .parallelism(spec.permits())
        .build();
  }

  /** Takes so many times longer than stated from now on, 1 or more. */
  void slowDown(double factor) {
    slowDown = factor;
  }

  /** Waits until all its permits are free, behind whoever waits for one already. */
  void awaitIdle() throws IOException, InterruptedException {
    if (!permits.tryAcquire(spec.permits(), LONGEST_SERVICE_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException(
          "engine " + name() + ": serves after " + LONGEST_SERVICE_SECONDS + " s (expected: idle)");
    }
    permits.release(spec.permits());
  }

  /** Removes and returns what was served since the last call, in the order in which it ended. */
  List<Served> takeServed() {
    return served.take();
  }

  /**
   * Serves a request.
   *
   * @param writer writes the answer, within the service time
   */
  <T> Result<T> serve(List<String> texts, Writer<T> writer)
      throws IOException, InterruptedException {
    long arrived = System.nanoTime();
    permits.acquire();
    long started = System.nanoTime();
    T answer;
    long ended;
    try {
      answer = serve(texts, writer, started);
    } finally {
      ended = System.nanoTime();
      permits.release();
    }
    return new Result<>(
        answer, new ServerTiming((started - arrived) / 1e6, (ended - started) / 1e6));
  }

  /** Computes the embeddings, then waits until the stated service time is over. */
  private <T> T serve(List<String> texts, Writer<T> writer, long started)
      throws IOException, InterruptedException {
    List<float[]> embeddings = new ArrayList<>(texts.size());
    int tokens = 0;
    for (String text : texts) {
      Embedding embedding = model.embed(text);
      embeddings.add(embedding.vector());
      tokens += embedding.tokens();
    }
    T answer = writer.write(new EmbeddingsResponse(MiniLm.NAME, embeddings, tokens));
    long serviceNanos =
        Math.round(calibration.nominal(tokens).toNanos() * spec.slowDown() * slowDown);
    long restNanos = started + serviceNanos - System.nanoTime();
    if (restNanos > 0) {
      TimeUnit.NANOSECONDS.sleep(restNanos);
    }
    served.add(new Served(started, System.nanoTime(), serviceNanos));
    return answer;
  }

  /** Turns what was computed into what is sent. */
  @FunctionalInterface
  interface Writer<T> {
    /** Writes an answer. */
    T write(EmbeddingsResponse embeddings) throws IOException;
  }

  /**
   * What was served.
   *
   * @param answer as written
   * @param timing how long the request waited for its permit and held it
   */
  record Result<T>(T answer, ServerTiming timing) {}
}
