package io.inferencerouter.benchmarks.simulation.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferencerouter.benchmarks.simulation.experiment.Row;
import io.inferencerouter.benchmarks.simulation.measure.Percentiles;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import java.util.List;
import java.util.Locale;

/**
 * Results as a JSON array with an object for each run; what is not a number is null. {@code
 * ttft_ms} and {@code e2e_ms} are of what was answered, which has to be read together with what was
 * not. {@code ttft_all_ms} and {@code e2e_all_ms} are of all requests, and what failed or was lost
 * came infinitely late: a percentile that falls among these is null.
 */
public final class ResultJson {
  static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private static final Percentiles UNKNOWN =
      new Percentiles(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

  private ResultJson() {}

  /** The array, as text. */
  public static String of(List<Row> rows, Bounds bounds) {
    ArrayNode array = MAPPER.createArrayNode();
    rows.forEach(row -> array.add(object(row, bounds)));
    return text(array);
  }

  static String text(Object json) {
    try {
      return MAPPER.writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A run, with the end-to-end times that no policy can beat; null where they are not known. */
  static ObjectNode object(Row row, Bounds bounds) {
    ObjectNode json = object(row);
    put(json, "fluid_bound_e2e_ms", bounds.of(row).orElse(UNKNOWN));
    return json;
  }

  static ObjectNode object(Row row) {
    RunResult result = row.result();
    ObjectNode json = MAPPER.createObjectNode();
    json.put("workload", result.workload());
    json.put("fleet", result.fleet());
    json.put("routers", result.routers());
    put(json, "load", result.load());
    json.put("policy", result.policy());
    json.put("seed", result.seed());
    json.put("requests", result.requests());
    json.put("completed", result.completed());
    json.put("failed", result.failed());
    json.put("lost", result.lost());
    put(json, "ttft_ms", result.answeredTtftMillis());
    put(json, "itl_ms", result.itlMillis());
    put(json, "e2e_ms", result.answeredE2eMillis());
    put(json, "goodput", result.goodput());
    put(json, "throughput_rps", result.throughputRps());
    put(json, "work_cv", result.workCv());
    put(json, "prefix_hit_rate", result.prefixHitRate());
    json.put("model_loads", result.modelLoads());
    put(json, "fairness_jain", result.fairnessJain());
    put(json, "churn", result.churn());
    put(json, "sim_seconds", result.simSeconds());
    put(json, "wall_seconds", result.wallSeconds());
    json.put("faults", row.faults());
    json.put("standing", row.standing().name().toLowerCase(Locale.ROOT));
    put(json, "rate", result.rate());
    put(json, "throughput_rps_per_gpu", result.throughputRpsPerGpu());
    put(json, "wasted_share", result.wastedShare());
    put(json, "tenant_p99_spread", result.tenantP99Spread());
    put(json, "ttft_all_ms", result.ttftMillis());
    put(json, "e2e_all_ms", result.e2eMillis());
    return json;
  }

  private static void put(ObjectNode json, String name, double value) {
    if (Double.isFinite(value)) {
      json.put(name, value);
    } else {
      json.putNull(name);
    }
  }

  private static void put(ObjectNode json, String name, Percentiles percentiles) {
    ObjectNode object = json.putObject(name);
    put(object, "p50", percentiles.p50());
    put(object, "p95", percentiles.p95());
    put(object, "p99", percentiles.p99());
    put(object, "p999", percentiles.p999());
  }
}
