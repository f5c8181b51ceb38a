package io.inferencerouter.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import io.inferencerouter.core.testing.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateSizeTest {
  private static final int ENDPOINTS = 1024;
  private static final int MODELS = 8;
  private static final long MAX_BYTES = 16 << 20;

  private final VirtualTime time = new VirtualTime();

  @Test
  void aThousandEndpointsOfEightModelsFitIntoSixteenMegabytesWellOrNot() {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < ENDPOINTS; i++) {
      Endpoint.Builder endpoint = Endpoint.builder("gpu-" + i, "http://gpu-" + i);
      for (int model = 0; model < MODELS; model++) {
        endpoint.model("model-" + model);
      }
      endpoints.add(endpoint.build());
    }
    long before = usedBytes();
    InferenceRouter router =
        InferenceRouters.builder()
            .endpoints(endpoints)
            // So that all are judged together
            .health(HealthPolicy.builder().consecutiveFailures(10_000).build())
            .ticker(time)
            .scheduler(time)
            .executor(Runnable::run)
            .build();
    serve(router, 4 * ENDPOINTS * MODELS, Outcome.success().withUsage(Usage.of(100, 10)));
    assertThat(usedBytes() - before).as("well").isLessThan(MAX_BYTES);

    serve(router, 2 * ENDPOINTS, Outcome.serverFault());
    judge(router);
    assertThat(usedBytes() - before).as("each has failed").isLessThan(MAX_BYTES);

    serve(router, 40 * ENDPOINTS, Outcome.serverFault());
    judge(router);
    assertThat(router.snapshot().endpoints())
        .filteredOn(endpoint -> endpoint.lifecycle() == Lifecycle.EJECTED)
        .hasSize(ENDPOINTS / 2);
    assertThat(usedBytes() - before).as("half are ejected").isLessThan(MAX_BYTES);
    router.close();
  }

  private void judge(InferenceRouter router) {
    time.advance(HealthPolicy.INTERVAL);
    serve(router, 1, Outcome.serverFault());
  }

  /** Streams of many tenants and conversations, for every model on about every endpoint. */
  private static void serve(InferenceRouter router, int requests, Outcome outcome) {
    for (int i = 0; i < requests; i++) {
      Lease lease =
          router.acquire(
              InferenceRequest.forModel("model-" + i % MODELS)
                  .tenant("tenant " + i)
                  .input(InputUnit.TOKENS, 100)
                  .streaming(true)
                  .session("session " + i)
                  .prefixKeys(i, i + 1, i + 2)
                  .build());
      lease.firstToken();
      lease.progress(10);
      lease.complete(outcome);
    }
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
