package io.inferencerouter.grpc;

import io.grpc.ClientCall;
import io.grpc.Context;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The listener of a caller, as long as there is no attempt that would call it: it is asked for its
 * first message, and it is told of an end that comes before. It is called where it wants to be
 * called, in its context, and once at a time.
 *
 * <p>Used by steps only, but for the callbacks.
 */
final class Caller<RespT> {
  private final ClientCall.Listener<RespT> listener;
  private final Context context;
  private final Executor executor;
  private boolean busy;
  private @Nullable Refusal end;

  Caller(ClientCall.Listener<RespT> listener, Context context, Executor executor) {
    this.listener = listener;
    this.context = context;
    this.executor = executor;
  }

  ClientCall.Listener<RespT> listener() {
    return listener;
  }

  /** Somebody else may be calling it, until {@link #done}. */
  void begin() {
    busy = true;
  }

  /** Whether it is being called. No attempt may begin then, for that would call it, too. */
  boolean isBusy() {
    return busy;
  }

  /**
   * Tells the caller that the call is ready.
   *
   * @param done gets to know when the caller returns, and what it has thrown; it has to bring
   *     {@link #done} as a step
   */
  void invite(Consumer<@Nullable Throwable> done) {
    busy = true;
    run(
        () -> {
          Throwable failure = null;
          try {
            listener.onReady();
          } catch (Throwable thrown) {
            failure = thrown;
          }
          done.accept(failure);
        });
  }

  /** The caller has returned. */
  void done() {
    busy = false;
    Refusal reason = end;
    if (reason != null) {
      close(reason);
    }
  }

  /** Tells the caller of the end, as soon as it is not busy. */
  void close(Refusal reason) {
    if (busy) {
      end = reason;
    } else {
      run(() -> listener.onClose(reason.status(), reason.trailers()));
    }
  }

  /** Runs what calls the listener. */
  void run(Runnable callback) {
    Runnable inContext = context.wrap(callback);
    try {
      executor.execute(inContext);
    } catch (RejectedExecutionException e) {
      inContext.run(); // the caller has to hear of the end
    }
  }
}
