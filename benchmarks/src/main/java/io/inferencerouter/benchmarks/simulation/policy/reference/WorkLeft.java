package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.policy.Observer;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/** The work of one request, from the price of all of it down to nothing as it is told of. */
final class WorkLeft implements Observer {
  private static final int MICROS_PER_MILLI = 1000;

  private final Place place;
  private final SimulatedRequest request;
  private final long decodeMicros;
  private long leftMicros;
  private int output;

  WorkLeft(Place place, SimulatedRequest request) {
    this.place = place;
    this.request = request;
    double alone = Price.aloneMillis(place.target(), request);
    double prefill = Price.prefillMillis(place.target(), request);
    decodeMicros = (long) (MICROS_PER_MILLI * (alone - prefill));
    leftMicros = (long) (MICROS_PER_MILLI * alone);
    place.addWork(leftMicros);
  }

  @Override
  public void firstToken() {
    leave(decodeMicros);
  }

  @Override
  public void progress(int outputTokens) {
    output = Math.min(request.outputTokens(), output + outputTokens);
    leave((long) (decodeMicros * (1 - output / (double) request.outputTokens())));
  }

  @Override
  public void finished(int inputTokens, int cachedTokens, int outputTokens, LoadReport report) {
    leave(0);
  }

  @Override
  public void failed(ServerCallback.Failure failure) {
    leave(0);
  }

  @Override
  public void cancelled() {
    leave(0);
  }

  private void leave(long micros) {
    long left = Math.min(leftMicros, micros);
    place.addWork(left - leftMicros);
    leftMicros = left;
  }
}
