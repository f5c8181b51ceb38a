package io.inferencerouter.benchmarks.simulation.server;

import java.util.Arrays;

/** What is to be told at the end of an event, when the endpoint's state is whole again. */
final class Outbox<R extends ServedRequest> {
  /** What is told. */
  enum Notice {
    FIRST_TOKEN,
    PROGRESS,
    FINISHED
  }

  private Object[] requests = new Object[8];
  private Notice[] notices = new Notice[8];
  private int size;

  void add(R request, Notice notice) {
    if (size == requests.length) {
      requests = Arrays.copyOf(requests, 2 * size);
      notices = Arrays.copyOf(notices, 2 * size);
    }
    requests[size] = request;
    notices[size++] = notice;
  }

  int size() {
    return size;
  }

  @SuppressWarnings("unchecked") // Only add puts anything in
  R request(int index) {
    return (R) requests[index];
  }

  Notice notice(int index) {
    return notices[index];
  }

  void clear() {
    Arrays.fill(requests, 0, size, null);
    size = 0;
  }
}
