package io.inferencerouter.grpc;

import io.grpc.MethodDescriptor.MethodType;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;

/**
 * What can be said of a call without understanding it: any endpoint will do, and its input is as
 * large as its message, in {@linkplain InputUnit#BYTES bytes}. Calls that stream messages are of
 * unknown size.
 *
 * <p>A call is {@linkplain InferenceRequest#replayable() replayable}, and {@linkplain
 * InferenceRequest#idempotent() idempotent} if its method is declared so. Safe for use by many
 * threads.
 */
public final class SerializedSizeClassifier implements GrpcRequestClassifier {
  private static final SerializedSizeClassifier INSTANCE = new SerializedSizeClassifier();

  private SerializedSizeClassifier() {}

  /** The classifier; it has no settings. */
  public static SerializedSizeClassifier create() {
    return INSTANCE;
  }

  @Override
  public InferenceRequest classify(GrpcRequest request) {
    return describe(InferenceRequest.forAnyModel(), request).build();
  }

  /** Adds what is known of every call. */
  static InferenceRequest.Builder describe(
      InferenceRequest.Builder inference, GrpcRequest request) {
    MethodType type = request.method().getType();
    inference
        .replayable(true)
        .idempotent(request.method().isIdempotent() || request.method().isSafe())
        .streaming(!type.serverSendsOneMessage());
    if (type.clientSendsOneMessage() && request.serializedSize().isPresent()) {
      inference.input(InputUnit.BYTES, request.serializedSize().getAsInt());
    }
    return inference;
  }
}
