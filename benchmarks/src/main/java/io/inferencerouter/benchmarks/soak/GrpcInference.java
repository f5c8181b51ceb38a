package io.inferencerouter.benchmarks.soak;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

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
        .setRequestMarshaller(new Bytes())
        .setResponseMarshaller(new Bytes())
        .build();
  }

  private static final class Bytes implements Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
