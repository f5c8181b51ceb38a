package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRequest;
import okhttp3.Request;

/**
 * Says what an HTTP request asks of an inference endpoint.
 *
 * <p>To add something to what the ready classifier finds, wrap it:
 *
 * <pre>{@code
 * RequestClassifier apis = InferenceApiClassifier.create();
 * RequestClassifier classifier =
 *     request -> apis.classify(request).toBuilder().tenant(tenantOf(request)).build();
 * }</pre>
 *
 * <p>Classifiers are called for every call and web socket, by many threads at once, before it is
 * sent: on the calling thread for {@code execute()}, otherwise on a thread of the client's
 * dispatcher. They must not block, and must not read a body that can be read only once ({@code
 * isOneShot()} or {@code isDuplex()}). When a classifier throws or returns {@code null}, the call
 * is routed to any endpoint, by the length of its body, and listeners hear of it.
 */
@FunctionalInterface
public interface RequestClassifier {
  /** What the request asks for. */
  InferenceRequest classify(Request request);
}
