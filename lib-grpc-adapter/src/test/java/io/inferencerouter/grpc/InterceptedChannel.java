package io.inferencerouter.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A channel that does something before each call, and when one is cancelled. */
final class InterceptedChannel extends ManagedChannel {
  private final ManagedChannel channel;
  private final Runnable before;
  private final Runnable whenCancelled;

  InterceptedChannel(ManagedChannel channel, Runnable before) {
    this(channel, before, () -> {});
  }

  InterceptedChannel(ManagedChannel channel, Runnable before, Runnable whenCancelled) {
    this.channel = channel;
    this.before = before;
    this.whenCancelled = whenCancelled;
  }

  @Override
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    before.run();
    return new SimpleForwardingClientCall<>(channel.newCall(method, options)) {
      @Override
      public void cancel(@Nullable String message, @Nullable Throwable cause) {
        super.cancel(message, cause);
        whenCancelled.run();
      }
    };
  }

  @Override
  public String authority() {
    return channel.authority();
  }

  @Override
  public ManagedChannel shutdown() {
    return channel.shutdown();
  }

  @Override
  public ManagedChannel shutdownNow() {
    return channel.shutdownNow();
  }

  @Override
  public boolean isShutdown() {
    return channel.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return channel.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return channel.awaitTermination(timeout, unit);
  }
}
