package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import java.io.IOException;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * What can be said of a request without understanding it: any endpoint will do, and its size is its
 * body's.
 */
final class Unclassified {
  private static final InferenceRequest WITHOUT_BODY =
      InferenceRequest.forAnyModel().replayable(true).build();

  private Unclassified() {}

  static InferenceRequest of(Request request) {
    RequestBody body = request.body();
    if (body == null && isIdempotent(request.method())) {
      return WITHOUT_BODY;
    }
    if (body == null) {
      return InferenceRequest.anyModel();
    }
    InferenceRequest.Builder inference =
        InferenceRequest.forAnyModel()
            .replayable(canBeWrittenAgain(body) && isIdempotent(request.method()));
    long length = contentLength(body);
    if (length >= 0) {
      inference.input(InputUnit.BYTES, Math.min(length, InferenceRequest.MAX_SIZE));
    }
    return inference.build();
  }

  /** By what HTTP says of the method: what a server makes of a request is not known here. */
  private static boolean isIdempotent(String method) {
    return switch (method) {
      case "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" -> true;
      default -> false;
    };
  }

  static boolean canBeWrittenAgain(RequestBody body) {
    return !body.isOneShot() && !body.isDuplex();
  }

  /** The length of the body in bytes, or -1 if it does not know it. */
  static long contentLength(RequestBody body) {
    try {
      return body.contentLength();
    } catch (IOException unknown) {
      return -1;
    }
  }
}
