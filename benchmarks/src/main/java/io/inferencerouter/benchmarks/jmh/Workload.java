package io.inferencerouter.benchmarks.jmh;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A fleet of mixed hardware and the requests that go to it, the same in every run.
 *
 * <p>Four kinds of GPU take turns; every eighth endpoint declares a weight and no speed. The
 * requests are chat prompts between fifty and twenty thousand tokens, short ones more often than
 * long ones.
 */
final class Workload {
  static final String MODEL = "chat-70b";

  /** So many different requests that neither the compiler nor a branch predictor learns them. */
  static final int REQUESTS = 64;

  private static final long[] OUTPUT_LIMITS = {64, 128, 256, 512, 1024, 4096};

  /** A kind of GPU: its relative capacity, and tokens per second of one request. */
  private record Gpu(double weight, double inputRate, double outputRate, double penalty) {}

  private static final Gpu[] GPUS = {
    new Gpu(8, 24_000, 110, 0.010),
    new Gpu(4, 10_000, 70, 0.015),
    new Gpu(2, 6_000, 45, 0.020),
    new Gpu(1, 2_500, 25, 0.030)
  };

  private Workload() {}

  static List<Endpoint> endpoints(int count) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Gpu gpu = GPUS[i % GPUS.length];
      Endpoint.Builder endpoint =
          Endpoint.builder("gpu-" + i, "http://gpu-" + i + ".example:8000/v1")
              .weight(gpu.weight)
              .model(MODEL);
      if (i % 8 != 7) {
        endpoint.profile(
            HardwareProfile.builder(gpu.inputRate, gpu.outputRate)
                .concurrencyPenalty(gpu.penalty)
                .build());
      }
      endpoints.add(endpoint.build());
    }
    return endpoints;
  }

  /**
   * The requests.
   *
   * @param streaming whether answers arrive token by token
   * @param inSessions whether each belongs to a conversation
   */
  static InferenceRequest[] requests(boolean streaming, boolean inSessions) {
    SplittableRandom random = new SplittableRandom(20_250_101);
    InferenceRequest[] requests = new InferenceRequest[REQUESTS];
    for (int i = 0; i < requests.length; i++) {
      InferenceRequest.Builder request =
          InferenceRequest.forModel(MODEL)
              .tenant("tenant-" + i % 7)
              .session(inSessions ? "session-" + i : "")
              .streaming(streaming)
              .input(InputUnit.TOKENS, Math.round(50 * Math.pow(400, random.nextDouble())));
      if (i % 3 != 0) {
        request.outputLimit(OUTPUT_LIMITS[random.nextInt(OUTPUT_LIMITS.length)]);
      }
      requests[i] = request.build();
    }
    return requests;
  }
}
