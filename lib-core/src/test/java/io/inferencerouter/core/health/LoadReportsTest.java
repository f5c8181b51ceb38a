package io.inferencerouter.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.LoadReport;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What endpoints report of their load may be old or wrong, as that of an engine just started. */
class LoadReportsTest {
  @ParameterizedTest
  @MethodSource("io.inferencerouter.core.health.SlowStartTest#selectors")
  void aReportMovesNoRequest(EndpointSelector selector) {
    List<String> without = choices(selector, Map.of());
    LoadReport idle = LoadReport.builder().cpuUtilization(0).requestsPerSecond(0).build();
    LoadReport full = LoadReport.builder().cpuUtilization(1).applicationUtilization(1).build();

    assertThat(choices(selector, Map.of("e0", idle, "e1", full))).isEqualTo(without);
    assertThat(choices(selector, Map.of("e0", full, "e1", idle))).isEqualTo(without);
  }

  private static List<String> choices(EndpointSelector selector, Map<String, LoadReport> reports) {
    VirtualTime time = new VirtualTime();
    SplittableRandom random = new SplittableRandom(5);
    InferenceRouter router =
        InferenceRouters.builder()
            .selector(selector)
            .endpoints(List.of(Endpoint.of("e0", "http://e0"), Endpoint.of("e1", "http://e1")))
            .ticker(time)
            .scheduler(time)
            .executor(Runnable::run)
            .random(random::nextLong)
            .build();
    List<String> choices = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Lease lease = router.acquire(InferenceRequest.forAnyModel().session("s" + i).build());
      String id = lease.endpoint().id();
      choices.add(id);
      LoadReport report = reports.get(id);
      if (report != null) {
        lease.loadReport(report);
      }
      time.schedule(
          Duration.ofMillis(250), () -> assertThat(lease.complete(Outcome.success())).isTrue());
      time.advance(Duration.ofMillis(100));
    }
    return choices;
  }
}
