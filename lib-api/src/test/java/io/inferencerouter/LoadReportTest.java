package io.inferencerouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LoadReportTest {
  @Test
  void whatWasNotReportedIsEmptyAndNotZero() {
    LoadReport report =
        LoadReport.builder().cpuUtilization(0).namedMetric("kv_cache_usage_perc", 0.3).build();

    assertThat(report.cpuUtilization()).hasValue(0);
    assertThat(report.memoryUtilization()).isEmpty();
    assertThat(report.applicationUtilization()).isEmpty();
    assertThat(report.requestsPerSecond()).isEmpty();
    assertThat(report.errorsPerSecond()).isEmpty();
    assertThat(report.namedMetrics()).containsEntry("kv_cache_usage_perc", 0.3);
  }

  @Test
  void nonsenseIsRefused() {
    LoadReport.Builder builder = LoadReport.builder();

    assertThatThrownBy(() -> builder.cpuUtilization(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.memoryUtilization(1.5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.requestsPerSecond(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.namedMetric("x\n", 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anEndpointCannotFillTheMemoryWithNames() {
    LoadReport.Builder builder = LoadReport.builder();
    for (int i = 0; i < LoadReport.MAX_NAMED_METRICS; i++) {
      builder.namedMetric("m" + i, i);
    }
    builder.namedMetric("m0", 7);

    assertThatThrownBy(() -> builder.namedMetric("one more", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("named metrics: 65 (expected: at most 64)");
  }

  @Test
  void aReportIsEmptyUntilSomethingIsReportedEvenZero() {
    assertThat(LoadReport.builder().build().isEmpty()).isTrue();
    assertThat(LoadReport.builder().cpuUtilization(0).build().isEmpty()).isFalse();
    assertThat(LoadReport.builder().memoryUtilization(0).build().isEmpty()).isFalse();
    assertThat(LoadReport.builder().applicationUtilization(0).build().isEmpty()).isFalse();
    assertThat(LoadReport.builder().requestsPerSecond(0).build().isEmpty()).isFalse();
    assertThat(LoadReport.builder().errorsPerSecond(0).build().isEmpty()).isFalse();
    assertThat(LoadReport.builder().namedMetric("queue", 0).build().isEmpty()).isFalse();
  }
}
