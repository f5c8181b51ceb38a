package io.inferencerouter.examples.demo.workload;

import java.io.IOException;
import java.util.Optional;

/** One request of the run, which knows what a right answer to it is. */
public interface Job {
  /** Its place in the sequence, from 0. */
  int number();

  /** What kind of request it is. */
  String kind();

  /** How many tokens the model reads for it. */
  int inputTokens();

  /** How many tokens the model generates for it; 0 when it generates none. */
  int outputTokens();

  /** When it is sent, from the start of the run. */
  long arrivalNanos();

  /** The body to send. */
  byte[] body();

  /** Finds out what is wrong with an answer; nothing is, as a rule. */
  Optional<String> problem(Answer answer) throws IOException, InterruptedException;
}
