package io.inferencerouter.okhttp;

import java.util.Locale;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;

/** Which bodies can be looked at before they are sent. */
final class JsonBodies {
  private JsonBodies() {}

  /** Whether the request has JSON that is not encoded, and that can be written more than once. */
  static boolean canBeRead(Request request) {
    RequestBody body = request.body();
    return body != null
        && Unclassified.canBeWrittenAgain(body)
        && isJson(body)
        && request.header("Content-Encoding") == null;
  }

  private static boolean isJson(RequestBody body) {
    MediaType type = body.contentType();
    if (type == null) {
      return true;
    }
    String subtype = type.subtype().toLowerCase(Locale.ROOT);
    return subtype.equals("json") || subtype.endsWith("+json");
  }
}
