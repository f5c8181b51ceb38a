package io.inferencerouter.examples.demo.workload;

import io.inferencerouter.examples.demo.engine.EmbeddingsRequest;
import io.inferencerouter.examples.demo.engine.MiniLm;

/**
 * One request of the run.
 *
 * @param number its place in the sequence, from 0
 * @param document what is to be embedded
 * @param tokens how many tokens that is
 * @param arrivalNanos when it is sent, from the start of the run
 */
public record Job(int number, Document document, int tokens, long arrivalNanos) {
  /** The body to send. */
  public byte[] body() {
    return new EmbeddingsRequest(MiniLm.NAME, document.pages(), true).toJson();
  }
}
