package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.Job;
import java.io.IOException;
import java.util.Optional;

/**
 * A request to embed a document.
 *
 * @param number its place in the sequence, from 0
 * @param document what is to be embedded
 * @param inputTokens how many tokens that is
 * @param arrivalNanos when it is sent, from the start of the run
 * @param api how it is sent and answered
 * @param check knows what is right
 */
record DocumentJob(
    int number,
    Document document,
    int inputTokens,
    long arrivalNanos,
    DocumentApi api,
    AnswerCheck check)
    implements Job {
  @Override
  public String kind() {
    return document.kind().toString();
  }

  @Override
  public int outputTokens() {
    return 0;
  }

  @Override
  public byte[] body() {
    return api.request(document);
  }

  @Override
  public Optional<String> problem(Answer answer) throws IOException, InterruptedException {
    return check.problem(this, answer);
  }
}
