package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.policy.Observer;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * A request on its way and back. Tells its worker once when its prefill is over, which its first
 * output shows, and once when it has ended; in that order whatever the request comes to.
 */
final class Flight<W extends Worker> implements Observer {
  private final W worker;
  private final SimulatedRequest request;
  private final int newTokens;
  private boolean isPrefilled;
  private boolean isEnded;

  Flight(W worker, SimulatedRequest request, int newTokens) {
    this.worker = worker;
    this.request = request;
    this.newTokens = newTokens;
  }

  SimulatedRequest request() {
    return request;
  }

  /** The input that its router takes for uncached, in tokens. */
  int newTokens() {
    return newTokens;
  }

  @Override
  public void firstToken() {
    if (!isPrefilled) {
      isPrefilled = true;
      worker.prefilled(this);
    }
  }

  @Override
  public void finished(int inputTokens, int cachedTokens, int outputTokens, LoadReport report) {
    end();
  }

  @Override
  public void failed(ServerCallback.Failure failure) {
    end();
  }

  @Override
  public void cancelled() {
    end();
  }

  private void end() {
    if (!isEnded) {
      isEnded = true;
      firstToken();
      worker.ended(this);
    }
  }
}
