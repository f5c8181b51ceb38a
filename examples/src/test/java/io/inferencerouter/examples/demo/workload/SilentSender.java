package io.inferencerouter.examples.demo.workload;

/** A sender whose answers never come. */
final class SilentSender implements Sender {
  @Override
  public Prepared prepare(Job job) {
    return (due, receiver) -> {};
  }

  @Override
  public void close() {}
}
