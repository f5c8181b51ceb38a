package io.inferencerouter.grpc;

import io.grpc.MethodDescriptor;
import io.inferencerouter.InferenceRequest;

/** Says the same of every call, and waits for its first message also where they are streamed. */
final class PatientClassifier implements GrpcRequestClassifier {
  private final InferenceRequest request;

  PatientClassifier(InferenceRequest request) {
    this.request = request;
  }

  @Override
  public InferenceRequest classify(GrpcRequest call) {
    return request;
  }

  @Override
  public boolean readsMessage(MethodDescriptor<?, ?> method) {
    return true;
  }
}
