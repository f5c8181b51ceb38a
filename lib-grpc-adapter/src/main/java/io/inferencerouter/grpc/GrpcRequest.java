package io.inferencerouter.grpc;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link GrpcRequestClassifier} sees of a call: the method, the options, the headers, and
 * the first message where it waited for that.
 *
 * <p>Valid during the call of the classifier only, by the thread that calls it.
 */
public final class GrpcRequest {
  private final MethodDescriptor<?, ?> method;
  private final CallOptions options;
  private final Metadata headers;
  private final @Nullable Object message;
  private final int size;

  private GrpcRequest(
      MethodDescriptor<?, ?> method,
      CallOptions options,
      Metadata headers,
      @Nullable Object message,
      int size) {
    this.method = method;
    this.options = options;
    this.headers = headers;
    this.message = message;
    this.size = size;
  }

  static GrpcRequest withoutMessage(
      MethodDescriptor<?, ?> method, CallOptions options, Metadata headers) {
    return new GrpcRequest(method, options, headers, null, MessageBytes.UNKNOWN);
  }

  static <T> GrpcRequest of(
      MethodDescriptor<T, ?> method, CallOptions options, Metadata headers, T message, int size) {
    return new GrpcRequest(method, options, headers, message, size);
  }

  /** The method that is called. */
  public MethodDescriptor<?, ?> method() {
    return method;
  }

  /** The options of the call. */
  public CallOptions callOptions() {
    return options;
  }

  /** The headers of the call, which must not be changed. */
  public Metadata headers() {
    return headers;
  }

  /** The first message; empty if it was not waited for, or if the caller sends none. */
  public Optional<Object> message() {
    return Optional.ofNullable(message);
  }

  /**
   * The size of the serialized message in bytes; empty if there is no message, or if its marshaller
   * does not tell without serializing.
   */
  public OptionalInt serializedSize() {
    return size == MessageBytes.UNKNOWN ? OptionalInt.empty() : OptionalInt.of(size);
  }

  /**
   * The beginning of the serialized message, serialized anew on every call.
   *
   * @param limit the most bytes that are wanted, above 0
   * @return none if there is no message, or if it can be read only once
   */
  public byte[] serializedHead(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: above 0)");
    }
    return message == null ? new byte[0] : head(method, message, limit);
  }

  @SuppressWarnings("unchecked") // the message is one of this method
  private <T> byte[] head(MethodDescriptor<T, ?> of, Object one, int limit) {
    return MessageBytes.head(of, (T) one, size, limit);
  }

  /** The method; neither headers nor message, for they may contain secrets. */
  @Override
  public String toString() {
    return "GrpcRequest[" + method.getFullMethodName() + "]";
  }
}
