package io.inferencerouter.okhttp;

import io.inferencerouter.OverloadedException;
import io.inferencerouter.okhttp.internal.json.ErrorBody;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;

/** The response 429 of a request that was shed: made here, without any network. */
final class ShedResponse {
  private static final MediaType JSON = MediaType.get("application/json");

  private ShedResponse() {}

  static Response of(Request request, OverloadedException reason, Clock clock) {
    String code = reason.reason().name().toLowerCase(Locale.ROOT);
    String body = ErrorBody.of(String.valueOf(reason.getMessage()), "overloaded", code);
    long now = clock.millis();
    return new Response.Builder()
        .request(request)
        .protocol(Protocol.HTTP_1_1)
        .code(429)
        .message("Too Many Requests")
        .header("Retry-After", Long.toString(seconds(reason.retryAfter())))
        .header("Content-Type", JSON.toString())
        .body(ResponseBody.create(body.getBytes(StandardCharsets.UTF_8), JSON))
        .sentRequestAtMillis(now)
        .receivedResponseAtMillis(now)
        .build();
  }

  /** Whole seconds, rounded up, at least 1. */
  private static long seconds(Duration wait) {
    return Math.max(1, wait.getSeconds() + (wait.getNano() > 0 ? 1 : 0));
  }
}
