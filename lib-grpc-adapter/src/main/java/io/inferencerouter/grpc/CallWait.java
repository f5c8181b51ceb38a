package io.inferencerouter.grpc;

import io.grpc.Status;
import io.inferencerouter.grpc.internal.concurrent.Steps;
import org.jspecify.annotations.Nullable;

/**
 * That a call waits: its deadline and its context end the wait, and its channel knows of it, to end
 * it when it is shut down. A call may wait several times. Used by steps only.
 */
final class CallWait implements WaitLimit.Waiter {
  private final CallRoute<?, ?> call;
  private final CallTerms<?, ?> terms;
  private final Steps steps;
  private @Nullable WaitLimit limit;
  private boolean registered;

  /** Creates the wait of a call that does not wait yet. */
  CallWait(CallRoute<?, ?> call, CallTerms<?, ?> terms, Steps steps) {
    this.call = call;
    this.terms = terms;
    this.steps = steps;
  }

  /** The call waits for its caller, which may be about to go on. */
  void limit() {
    if (limit == null && WaitLimit.mayBeReached(terms.context(), terms.deadline())) {
      WaitLimit fresh =
          new WaitLimit(terms.context(), terms.deadline(), terms.channel().timers(), this);
      limit = fresh;
      fresh.start();
    }
  }

  @Override
  public void reached(WaitLimit reached, Status status) {
    steps.run(
        () -> {
          if (limit == reached) {
            call.waitEnded(status);
          }
        });
  }

  /** The call waits for others. */
  void begin() {
    limit();
    if (!registered) {
      registered = true;
      terms.channel().waiting().add(call);
    }
  }

  /** The call waits no more. */
  void end() {
    WaitLimit current = limit;
    if (current != null) {
      limit = null;
      current.end();
    }
    if (registered) {
      registered = false;
      terms.channel().waiting().remove(call);
    }
  }
}
