package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.Priority;
import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;

/** Endpoints and requests for tests. */
final class Endpoints {
  static final GpuModel H100 =
      new GpuModel("H100", 5.92, 0.0146, 9.42e-7, 6.447, 0.0108, 4.37e-5, 452_037);
  static final GpuModel A100 =
      new GpuModel("A100", 9.01, 0.0498, 2.08e-6, 11.12, 0.0291, 8.14e-5, 452_037);

  private Endpoints() {}

  static GpuModel withMemory(GpuModel gpu, long kvTokens) {
    return new GpuModel(
        gpu.name(), gpu.a(), gpu.b(), gpu.c(), gpu.c0(), gpu.d(), gpu.e(), kvTokens);
  }

  static EndpointSpec of(GpuModel gpu) {
    return of(gpu, 256);
  }

  static EndpointSpec of(GpuModel gpu, int maxConcurrency) {
    return new EndpointSpec("e", gpu, "", List.of(), 1, 1, maxConcurrency, 0);
  }

  static EndpointSpec withModels(int resident, String... models) {
    return new EndpointSpec("e", H100, "", List.of(models), resident, 1, 256, 0);
  }

  static SimulatedRequest request(long nanos, int input, int output, String model, long... ids) {
    return new SimulatedRequest(
        nanos,
        input,
        output,
        "",
        "",
        0,
        model,
        Blocks.of(ids),
        input,
        0,
        0,
        SimulatedRequest.OPEN_LOOP,
        0,
        "",
        Priority.STANDARD);
  }

  static SimulatedRequest job(long workNanos) {
    return new SimulatedRequest(
        0,
        1,
        0,
        "",
        "",
        0,
        "",
        Blocks.NONE,
        1,
        0,
        0,
        SimulatedRequest.OPEN_LOOP,
        workNanos,
        "",
        Priority.STANDARD);
  }
}
