package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.server.Server;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback;
import io.inferencerouter.benchmarks.simulation.server.ServerMetrics;
import io.inferencerouter.benchmarks.simulation.server.ServerTotals;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;

/** A server of which only the metrics can be seen; they are set by hand. */
final class FakeServer implements Server {
  static final long NETWORK_NANOS = 500_000;
  private static final GpuModel GPU = new GpuModel("fake", 1, 0.01, 0, 10, 1, 0, 1_000_000);

  private final EndpointSpec spec;
  int running;

  FakeServer(String id, String region, List<String> models) {
    spec = new EndpointSpec(id, GPU, region, models, 1, 1, 64, NETWORK_NANOS);
  }

  @Override
  public EndpointSpec spec() {
    return spec;
  }

  @Override
  public ServerMetrics metrics() {
    return new ServerMetrics(running, 0, 0, 0, 0);
  }

  @Override
  public void submit(SimulatedRequest request, ServerCallback callback) {
    throw new UnsupportedOperationException("submit");
  }

  @Override
  public void cancel(ServerCallback callback) {
    throw new UnsupportedOperationException("cancel");
  }

  @Override
  public double trueFirstOutputMillis(SimulatedRequest request) {
    throw new UnsupportedOperationException("no classic policy knows the future");
  }

  @Override
  public double trueFinishMillis(SimulatedRequest request) {
    throw new UnsupportedOperationException("no classic policy knows the future");
  }

  @Override
  public double trueHarmMillis(SimulatedRequest request) {
    throw new UnsupportedOperationException("no classic policy knows the future");
  }

  @Override
  public ServerTotals totals() {
    throw new UnsupportedOperationException("totals");
  }
}
