package io.inferencerouter.okhttp.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.inferencerouter.core.load.OrcaLoadReport;
import java.io.IOException;

/** A load report (ORCA) as JSON: numbers, and objects of numbers. */
public final class LoadReportJson {
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  private LoadReportJson() {}

  /**
   * Adds what an object says; what comes before something malformed counts. Never throws.
   *
   * @return whether it is well-formed
   */
  public static boolean read(String text, OrcaLoadReport.Builder report) {
    try (JsonParser json = JSON.createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      readObject(json, "", report);
      return json.currentToken() == JsonToken.END_OBJECT;
    } catch (IOException | RuntimeException malformed) {
      return false;
    }
  }

  private static void readObject(JsonParser json, String prefix, OrcaLoadReport.Builder report)
      throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = prefix + json.currentName();
      JsonToken value = json.nextToken();
      if (value.isNumeric()) {
        report.metric(name, json.getDoubleValue());
      } else if (value == JsonToken.VALUE_STRING) {
        report.metric(name, json.getValueAsDouble(Double.NaN)); // 64-bit integers are texts
      } else if (value == JsonToken.START_OBJECT && prefix.isEmpty()) {
        readObject(json, name + ".", report);
      } else {
        json.skipChildren();
      }
    }
  }
}
