package io.inferencerouter.grpc;

import io.grpc.MethodDescriptor;
import io.inferencerouter.InferenceRequest;
import java.util.Objects;

/** Asks a user's classifier; where that fails, a call is routed as one that was not understood. */
final class IsolatedClassifier implements GrpcRequestClassifier {
  private static final GrpcRequestClassifier STAND_IN = SerializedSizeClassifier.create();

  private final GrpcRequestClassifier classifier;
  private final Faults faults;

  IsolatedClassifier(GrpcRequestClassifier classifier, Faults faults) {
    this.classifier = classifier;
    this.faults = faults;
  }

  @Override
  public boolean readsMessage(MethodDescriptor<?, ?> method) {
    try {
      return classifier.readsMessage(method);
    } catch (RuntimeException | LinkageError e) {
      faults.classifierFailed(classifier, e);
      return STAND_IN.readsMessage(method);
    }
  }

  @Override
  public InferenceRequest classify(GrpcRequest request) {
    try {
      return Objects.requireNonNull(classifier.classify(request), "the classifier returned null");
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      faults.classifierFailed(classifier, e);
      return STAND_IN.classify(request);
    }
  }
}
