package io.inferencerouter.grpc;

import io.grpc.MethodDescriptor;
import io.inferencerouter.InferenceRequest;
import java.util.function.BiFunction;

/**
 * Says what a call asks of an inference endpoint.
 *
 * <p>To add something to what a ready classifier finds, refine it:
 *
 * <pre>{@code
 * GrpcRequestClassifier classifier =
 *     KServeClassifier.create()
 *         .refinedBy((request, found) ->
 *             found.toBuilder().tenant(request.headers().get(TENANT)).build());
 * }</pre>
 *
 * <p>Classifiers are called once for every call, by many threads at once, on the thread that sends
 * the first message; they must not block. When a classifier throws or returns {@code null}, the
 * call is routed to any endpoint, by the size of its message, and listeners hear of it. Callers who
 * know better set {@link RoutingChannel#INFERENCE_REQUEST} in the options of a call, and no
 * classifier is asked.
 */
@FunctionalInterface
public interface GrpcRequestClassifier {
  /** What the call asks for. */
  InferenceRequest classify(GrpcRequest request);

  /**
   * Whether calls of a method wait for their first message, or for the end of the messages, before
   * they are classified. Without, they are classified and sent as soon as they start.
   *
   * <p>A caller that opens a stream and sends nothing until the server has answered waits in vain
   * where this is true. So it is false by default where a caller streams messages, and true where
   * it sends one.
   */
  default boolean readsMessage(MethodDescriptor<?, ?> method) {
    return method.getType().clientSendsOneMessage();
  }

  /**
   * This classifier, with something added to what it finds. It waits for messages as this one does.
   *
   * @param refinement gets the call and what was found
   */
  default GrpcRequestClassifier refinedBy(
      BiFunction<GrpcRequest, InferenceRequest, InferenceRequest> refinement) {
    return new RefinedClassifier(this, refinement);
  }
}
