package io.inferencerouter.okhttp;

import io.inferencerouter.okhttp.internal.json.JsonFields;
import io.inferencerouter.okhttp.internal.peek.BodyHead;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/** A request, as rules see it; its body is read when the first rule asks for something in it. */
final class RuleInput {
  private final Request request;
  private final JsonFields fields;
  private final int maxScannedBytes;
  private @Nullable Map<String, String> values;

  RuleInput(Request request, JsonFields fields, int maxScannedBytes) {
    this.request = request;
    this.fields = fields;
    this.maxScannedBytes = maxScannedBytes;
  }

  Request request() {
    return request;
  }

  @Nullable String header(String name) {
    return request.header(name);
  }

  @Nullable String json(String pointer) {
    Map<String, String> known = values;
    if (known == null) {
      known = readBody();
      values = known;
    }
    return known.get(pointer);
  }

  private Map<String, String> readBody() {
    if (!JsonBodies.canBeRead(request)) {
      return Map.of();
    }
    RequestBody body = Objects.requireNonNull(request.body());
    try {
      BodyHead head = BodyHead.of(body, maxScannedBytes, Unclassified.contentLength(body));
      return fields.read(head.bytes(), head.size());
    } catch (IOException unreadable) {
      return Map.of();
    }
  }
}
