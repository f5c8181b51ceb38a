package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;
import java.util.SplittableRandom;

/** How long a fresh simulated endpoint takes for one point of a grid, in milliseconds. */
final class SimulatedTimes {
  private static final double NANOS_PER_MILLI = 1e6;

  private SimulatedTimes() {}

  /** Reads one prompt. */
  static double prefill(GpuModel gpu, int tokens) {
    return generation(gpu, 1, tokens, 1, BatchingServer.PREFILL_TOKENS_PER_STEP).last
        / NANOS_PER_MILLI;
  }

  /** One step of so many sequences with so much context each, which were read all at once. */
  static double decodeStep(GpuModel gpu, int batch, int context) {
    Times times = generation(gpu, batch, context - 1, 2, Integer.MAX_VALUE);
    return (times.last - times.first) / NANOS_PER_MILLI;
  }

  /** One batch of inputs of the same length. */
  static double encode(GpuModel gpu, int batch, int tokens) {
    EventLoop loop = new EventLoop();
    EncoderServer server =
        new EncoderServer(endpoint(gpu, batch), loop, new SplittableRandom(0), Integer.MAX_VALUE);
    return run(server, loop, batch, SimulatedRequest.text(0, tokens, 0)).last / NANOS_PER_MILLI;
  }

  private static Times generation(GpuModel gpu, int batch, int input, int output, int readPerStep) {
    EventLoop loop = new EventLoop();
    BatchingServer server =
        new BatchingServer(endpoint(gpu, batch), loop, new SplittableRandom(0), readPerStep);
    return run(server, loop, batch, SimulatedRequest.text(0, input, output));
  }

  private static EndpointSpec endpoint(GpuModel gpu, int maxConcurrency) {
    return new EndpointSpec(gpu.name(), gpu, "", List.of(), 1, 1, maxConcurrency, 0);
  }

  private static Times run(Server server, EventLoop loop, int count, SimulatedRequest request) {
    Times times = new Times(loop, count);
    for (int i = 0; i < count; i++) {
      server.submit(request, times.callback());
    }
    while (times.open > 0) {
      if (!loop.runNext()) {
        throw new IllegalStateException("open: " + times.open + " (expected: 0)");
      }
    }
    return times;
  }

  private static final class Times {
    private final EventLoop loop;
    private int open;
    private double first;
    private double last;

    Times(EventLoop loop, int open) {
      this.loop = loop;
      this.open = open;
    }

    ServerCallback callback() {
      return new ServerCallback() {
        @Override
        public void firstToken(int cachedTokens) {
          first = (double) loop.nanos();
        }

        @Override
        public void progress(int outputTokens) {
          throw new IllegalStateException("progress: " + outputTokens + " (expected: none)");
        }

        @Override
        public void finished(int cachedTokens, LoadReport report) {
          open--;
          last = (double) loop.nanos();
        }

        @Override
        public void failed(Failure failure) {
          throw new IllegalStateException("failure: " + failure + " (expected: none)");
        }
      };
    }
  }
}
