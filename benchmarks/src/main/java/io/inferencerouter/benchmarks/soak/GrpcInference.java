package io.inferencerouter.benchmarks.soak;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.inferencerouter.benchmarks.grpc.BytesMarshaller;

/** What can be asked of a {@link FaultyGrpcServer}; messages are bytes. */
final class GrpcInference {
  static final String SERVICE = "soak.Inference";

  /** Is answered in one message. */
  static final MethodDescriptor<byte[], byte[]> EMBED = method("Embed", MethodType.UNARY);

  /** Is answered word by word. */
  static final MethodDescriptor<byte[], byte[]> CHAT = method("Chat", MethodType.SERVER_STREAMING);

  private GrpcInference() {}

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(new BytesMarshaller())
        .setResponseMarshaller(new BytesMarshaller())
        .build();
  }
}
