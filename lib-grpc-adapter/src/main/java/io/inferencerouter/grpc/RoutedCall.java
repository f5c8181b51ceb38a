package io.inferencerouter.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A call as its caller sees it. What the caller does becomes steps of the {@link CallRoute}; as
 * soon as the route is settled and everything that was sent has been passed on, the caller gets
 * through to the endpoint's call directly.
 *
 * <p>As gRPC has it, the methods that send are used by one thread at a time, {@link #request} and
 * {@link #cancel} by any. What is checked here, and what is thrown, is what a call of a channel
 * checks and throws.
 */
final class RoutedCall<ReqT, RespT> extends ClientCall<ReqT, RespT> {
  private final CallRoute<ReqT, RespT> route;
  private boolean started;
  private boolean halfClosed;

  /** How much has been given to the route. */
  private int sent;

  RoutedCall(RoutingChannel channel, MethodDescriptor<ReqT, RespT> method, CallOptions options) {
    route =
        new CallRoute<>(
            channel,
            Objects.requireNonNull(method, "method"),
            Objects.requireNonNull(options, "callOptions"));
  }

  @Override
  public void start(Listener<RespT> responses, Metadata headers) {
    check(!started, "Already started");
    check(!route.isCanceled(), "call was cancelled");
    Objects.requireNonNull(responses, "observer");
    Objects.requireNonNull(headers, "headers");
    started = true;
    route.begin(responses, headers);
  }

  @Override
  public void request(int messages) {
    check(started, "Not started");
    if (messages < 0) {
      throw new IllegalArgumentException("Number requested must be non-negative");
    }
    ClientCall<ReqT, RespT> direct = route.settledCall();
    route.turn().request(messages);
    if (direct != null) {
      direct.request(messages);
    } else {
      route.request(messages);
    }
  }

  @Override
  public void sendMessage(ReqT message) {
    check(started, "Not started");
    check(!route.isCanceled(), "call was cancelled");
    check(!halfClosed, "call was half-closed");
    route.turn().say();
    ClientCall<ReqT, RespT> direct = direct();
    if (direct == null) {
      sent++;
      route.send(message);
      return;
    }
    try {
      direct.sendMessage(message);
    } catch (IllegalStateException e) {
      requireTakenBack(direct, e);
    }
  }

  @Override
  public void halfClose() {
    check(started, "Not started");
    check(!route.isCanceled(), "call was cancelled");
    check(!halfClosed, "call already half-closed");
    halfClosed = true;
    route.turn().sayAll();
    ClientCall<ReqT, RespT> direct = direct();
    if (direct == null) {
      sent++;
      route.halfClose();
      return;
    }
    try {
      direct.halfClose();
    } catch (IllegalStateException e) {
      requireTakenBack(direct, e);
    }
  }

  /** Who sends what nobody wants any more is not to blame for it, and hears of the end. */
  private void requireTakenBack(ClientCall<ReqT, RespT> used, IllegalStateException failure) {
    if (route.settledCall() == used) {
      throw failure;
    }
  }

  @Override
  public void setMessageCompression(boolean enabled) {
    check(started, "Not started");
    ClientCall<ReqT, RespT> direct = direct();
    if (direct != null) {
      direct.setMessageCompression(enabled);
    } else {
      sent++;
      route.setMessageCompression(enabled);
    }
  }

  @Override
  public void cancel(@Nullable String message, @Nullable Throwable cause) {
    route.cancel(
        message,
        message == null && cause == null
            ? new CancellationException("Cancelled without a message or cause")
            : cause);
  }

  @Override
  public boolean isReady() {
    return route.isReady();
  }

  @Override
  public Attributes getAttributes() {
    return route.attributes();
  }

  /** The endpoint's call, if nothing that was sent is still on its way there. */
  private @Nullable ClientCall<ReqT, RespT> direct() {
    ClientCall<ReqT, RespT> settled = route.settledCall();
    return settled != null && route.passedOn() == sent ? settled : null;
  }

  private static void check(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalStateException(otherwise);
    }
  }

  /** The method; neither headers nor messages. */
  @Override
  public String toString() {
    return "RoutedCall[" + route + "]";
  }
}
