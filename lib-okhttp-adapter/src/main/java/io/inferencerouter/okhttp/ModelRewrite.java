package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.okhttp.internal.json.ModelMentions;
import io.inferencerouter.okhttp.internal.peek.BoundedSink;
import io.inferencerouter.okhttp.internal.rewrite.RewriteException;
import io.inferencerouter.okhttp.internal.rewrite.SplicedBody;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/**
 * Asks for another model than the request does: for the one that its lease names, when a fallback
 * model answers. Of the body nothing changes but the texts that name the model.
 *
 * <p>That is possible for a JSON object of up to {@value #MAX_BYTES} bytes with a member {@code
 * model}, which can be written more than once, has no encoding, and of which no header has a
 * digest. Requests that are different are not offered any fallback.
 */
final class ModelRewrite {
  /** The largest body in which a model can be replaced, in bytes. */
  static final long MAX_BYTES = 64L << 20;

  private static final List<String> DIGESTS =
      List.of("Content-MD5", "Digest", "Content-Digest", "Repr-Digest", "X-Amz-Content-Sha256");

  private ModelRewrite() {}

  /** What the request asks for, without fallback models if it could not ask for them. */
  static InferenceRequest offer(Request request, InferenceRequest inference) {
    return inference.fallbackModels().isEmpty() || find(request) != null
        ? inference
        : inference.toBuilder().fallbackModels().build();
  }

  /**
   * The request as it asks for the model of the lease.
   *
   * @throws RewriteException if it cannot be made to ask for that model
   */
  static Request apply(Request request, Lease lease) throws RewriteException {
    String asked = lease.request().model();
    String granted = lease.model();
    if (granted.isEmpty() || granted.equals(asked)) {
      return request;
    }
    ModelMentions mentions = find(request);
    if (mentions == null) {
      throw new RewriteException(
          "model of the request: cannot be replaced by the fallback model "
              + granted
              + " (expected: a JSON body that names a model and can be written again)");
    }
    RequestBody body = Objects.requireNonNull(request.body());
    return request
        .newBuilder()
        .method(request.method(), new SplicedBody(body, mentions.naming(granted)))
        .build();
  }

  private static @Nullable ModelMentions find(Request request) {
    RequestBody body = request.body();
    if (body == null
        || !JsonBodies.canBeRead(request)
        || Unclassified.contentLength(body) > MAX_BYTES
        || DIGESTS.stream().anyMatch(header -> request.header(header) != null)) {
      return null;
    }
    ModelMentions mentions = new ModelMentions();
    try {
      boolean all = BoundedSink.show(body, MAX_BYTES, mentions::scan);
      return all && mentions.isWhole() ? mentions : null;
    } catch (IOException unreadable) {
      return null;
    }
  }
}
