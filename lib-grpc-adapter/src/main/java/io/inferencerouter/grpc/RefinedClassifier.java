package io.inferencerouter.grpc;

import io.grpc.MethodDescriptor;
import io.inferencerouter.InferenceRequest;
import java.util.Objects;
import java.util.function.BiFunction;

/** A classifier, and what is added to what it finds. */
record RefinedClassifier(
    GrpcRequestClassifier classifier,
    BiFunction<GrpcRequest, InferenceRequest, InferenceRequest> refinement)
    implements GrpcRequestClassifier {
  RefinedClassifier {
    Objects.requireNonNull(refinement, "refinement");
  }

  @Override
  public InferenceRequest classify(GrpcRequest request) {
    return refinement.apply(request, classifier.classify(request));
  }

  @Override
  public boolean readsMessage(MethodDescriptor<?, ?> method) {
    return classifier.readsMessage(method);
  }
}
