package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/** What one request was told, and when. */
final class Answer implements ServerCallback {
  static final long NEVER = -1;

  private final EventLoop loop;
  long firstNanos = NEVER;
  long endNanos = NEVER;
  int cachedTokens;
  int progressed;
  int ends;
  Failure failure;
  LoadReport report;

  Answer(EventLoop loop) {
    this.loop = loop;
  }

  /** Lets the loop submit a request at its arrival. */
  static Answer to(SimulatedRequest request, Server server, EventLoop loop) {
    Answer answer = new Answer(loop);
    loop.at(request.arrivalNanos(), () -> server.submit(request, answer));
    return answer;
  }

  /** Runs all there is. */
  static void run(EventLoop loop) {
    for (int i = 0; i < 10_000_000; i++) {
      if (!loop.runNext()) {
        return;
      }
    }
    throw new AssertionError("the loop does not end");
  }

  /** Runs what is due before a time. */
  static void runUntil(EventLoop loop, long nanos) {
    while (!loop.isEmpty() && loop.nextNanos() <= nanos) {
      loop.runNext();
    }
  }

  boolean isFinished() {
    return ends == 1 && failure == null;
  }

  @Override
  public void firstToken(int cached) {
    if (firstNanos != NEVER || ends > 0) {
      throw new AssertionError("a first token at the wrong time");
    }
    firstNanos = loop.nanos();
  }

  @Override
  public void progress(int outputTokens) {
    if (firstNanos == NEVER || ends > 0) {
      throw new AssertionError("progress at the wrong time");
    }
    progressed += outputTokens;
  }

  @Override
  public void finished(int cached, LoadReport load) {
    cachedTokens = cached;
    report = load;
    endNanos = loop.nanos();
    ends++;
  }

  @Override
  public void failed(Failure why) {
    failure = why;
    endNanos = loop.nanos();
    ends++;
  }
}
