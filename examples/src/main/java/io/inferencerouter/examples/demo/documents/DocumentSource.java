package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.examples.demo.workload.Workload;
import io.inferencerouter.examples.embedding.MiniLm;
import java.io.IOException;
import java.time.Duration;

/** Draws documents, and counts what they cost. Not safe for use by several threads at once. */
final class DocumentSource implements Workload.Source {
  private final DocumentGenerator generator;
  private final MiniLm engine;
  private final Calibration calibration;
  private final double speed;
  private final DocumentApi api;
  private final AnswerCheck check;
  private int tokens;

  /**
   * Creates a source.
   *
   * @param seed equal seeds give equal documents
   * @param engine counts the tokens
   * @param calibration what a token costs
   * @param speed how many processors of this machine are to be kept busy
   * @param api how they are sent and answered
   * @param check knows what is right
   * @throws IOException if the texts for the documents cannot be read
   */
  DocumentSource(
      long seed,
      MiniLm engine,
      Calibration calibration,
      double speed,
      DocumentApi api,
      AnswerCheck check)
      throws IOException {
    this.generator = new DocumentGenerator(seed);
    this.engine = engine;
    this.calibration = calibration;
    this.speed = speed;
    this.api = api;
    this.check = check;
  }

  @Override
  public Workload.Draft next() {
    return draft(generator.next());
  }

  /** The given document, which counts as drawn, too. */
  Workload.Draft draft(Document document) {
    int count = document.pages().stream().mapToInt(engine::tokens).sum();
    tokens += count;
    return (number, arrival) -> new DocumentJob(number, document, count, arrival, api, check);
  }

  @Override
  public Duration window() {
    return Duration.ofNanos(Math.round(calibration.nominal(tokens).toNanos() / speed));
  }
}
