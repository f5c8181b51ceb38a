package io.inferencerouter.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateSizeTest {
  private static final int ENDPOINTS = 1024;
  private static final int MODELS = 8;
  private static final long MAX_BYTES = 16 << 20;

  @Test
  void aThousandEndpointsOfEightModelsFitIntoSixteenMegabytes() {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < ENDPOINTS; i++) {
      Endpoint.Builder endpoint = Endpoint.builder("gpu-" + i, "http://gpu-" + i);
      for (int model = 0; model < MODELS; model++) {
        endpoint.model("model-" + model);
      }
      endpoints.add(endpoint.build());
    }
    long before = usedBytes();
    InferenceRouter router = InferenceRouters.builder().endpoints(endpoints).build();
    for (int i = 0; i < 10 * ENDPOINTS * MODELS; i++) {
      router
          .acquire(
              InferenceRequest.forModel("model-" + i % MODELS)
                  .input(InputUnit.TOKENS, 100)
                  .session("session " + i)
                  .prefixKeys(i, i + 1, i + 2)
                  .build())
          .complete(Outcome.success());
    }

    assertThat(usedBytes() - before).isLessThan(MAX_BYTES);
    router.close();
  }

  /** What is in use after several collections: the least of a few readings. */
  private static long usedBytes() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
