package io.inferencerouter.examples.languagemodel;

import java.util.Locale;

/**
 * How busy an engine is, in the terms of vLLM.
 *
 * @param running requests that hold a slot
 * @param waiting requests that wait for one
 * @param cacheUsage the share of the key/value cache that is used, 0 to 1
 * @param promptTokens tokens of prompts read so far
 * @param generatedTokens tokens generated so far
 */
public record EngineLoad(
    int running, int waiting, double cacheUsage, long promptTokens, long generatedTokens) {
  /**
   * The value of the response header {@code endpoint-load-metrics}, in the text form of ORCA (Open
   * Request Cost Aggregation).
   */
  String orca() {
    return String.format(
        Locale.ROOT,
        "TEXT named_metrics.kv_cache_usage_perc=%.6f, named_metrics.num_requests_waiting=%d",
        cacheUsage,
        waiting);
  }

  /** The page that Prometheus reads. */
  String prometheus(String model) {
    StringBuilder page = new StringBuilder();
    metric(page, model, "gauge", "num_requests_running", Integer.toString(running));
    metric(page, model, "gauge", "num_requests_waiting", Integer.toString(waiting));
    metric(
        page,
        model,
        "gauge",
        "kv_cache_usage_perc",
        String.format(Locale.ROOT, "%.6f", cacheUsage));
    metric(page, model, "counter", "prompt_tokens_total", Long.toString(promptTokens));
    metric(page, model, "counter", "generation_tokens_total", Long.toString(generatedTokens));
    return page.toString();
  }

  private static void metric(
      StringBuilder page, String model, String type, String name, String value) {
    page.append("# TYPE vllm:").append(name).append(' ').append(type).append('\n');
    page.append("vllm:").append(name).append("{model_name=\"").append(model).append("\"} ");
    page.append(value).append('\n');
  }
}
