package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.Server;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback;
import io.inferencerouter.benchmarks.simulation.server.ServerMetrics;
import io.inferencerouter.benchmarks.simulation.server.ServerTotals;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;

/** An endpoint that says what a test lets it say, and serves nothing. */
public final class FakeServer implements Server {
  /** Ten microseconds for a token of input, a millisecond and a half for one of output. */
  public static final GpuModel GPU = new GpuModel("test", 1, 0.01, 0, 1, 0.5, 0, 1_000_000);

  private final EndpointSpec spec;
  public ServerMetrics metrics = new ServerMetrics(0, 0, 0, 0, 0);
  public int cachedTokens = UNTOLD;
  public double firstOutputMillis;
  public double finishMillis;
  public double harmMillis;
  public int scrapes;

  public FakeServer(EndpointSpec spec) {
    this.spec = spec;
  }

  /** A target for any model and region. */
  public static Target target(int index) {
    return target(index, GPU, "", List.of());
  }

  public static Target target(int index, GpuModel gpu, String region, List<String> models) {
    EndpointSpec spec = new EndpointSpec("e" + index, gpu, region, models, 1, 1, 64, 1_000_000);
    return new Target(index, new FakeServer(spec), 1);
  }

  /** The fake behind a target. */
  public static FakeServer of(Target target) {
    return (FakeServer) target.server();
  }

  public void queue(int waiting, double kvUsage) {
    metrics = new ServerMetrics(0, waiting, 0, kvUsage, 0);
  }

  @Override
  public EndpointSpec spec() {
    return spec;
  }

  @Override
  public void submit(SimulatedRequest request, ServerCallback callback) {
    throw new UnsupportedOperationException("a policy does not submit");
  }

  @Override
  public void cancel(ServerCallback callback) {
    throw new UnsupportedOperationException("a policy does not cancel");
  }

  @Override
  public ServerMetrics metrics() {
    scrapes++;
    return metrics;
  }

  @Override
  public int cachedTokens(SimulatedRequest request) {
    return cachedTokens;
  }

  @Override
  public double trueFirstOutputMillis(SimulatedRequest request) {
    return firstOutputMillis;
  }

  @Override
  public double trueFinishMillis(SimulatedRequest request) {
    return finishMillis;
  }

  @Override
  public double trueHarmMillis(SimulatedRequest request) {
    return harmMillis;
  }

  @Override
  public ServerTotals totals() {
    return new ServerTotals(0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
}
