package io.inferencerouter.grpc;

import io.grpc.Status;
import io.inferencerouter.grpc.internal.concurrent.Steps;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * That a call waits: its deadline and its context end the wait, and its channel knows of it, to end
 * it when it is shut down. A call may wait several times. Used by steps only.
 */
final class CallWait {
  private final CallRoute<?, ?> call;
  private final CallTerms<?, ?> terms;
  private final Steps steps;
  private final Consumer<Status> over;
  private @Nullable WaitLimit limit;
  private boolean registered;

  /**
   * Creates the wait of a call that does not wait yet.
   *
   * @param over hears, as a step, that the deadline has passed or the context was cancelled
   */
  CallWait(CallRoute<?, ?> call, CallTerms<?, ?> terms, Steps steps, Consumer<Status> over) {
    this.call = call;
    this.terms = terms;
    this.steps = steps;
    this.over = over;
  }

  /** The call waits for its caller, which may be about to go on. */
  void limit() {
    if (limit == null) {
      WaitLimit[] mine = new WaitLimit[1];
      WaitLimit fresh =
          new WaitLimit(
              terms.context(),
              terms.deadline(),
              terms.channel().timers(),
              status -> steps.run(() -> reached(mine[0], status)));
      mine[0] = fresh;
      limit = fresh;
      fresh.start();
    }
  }

  private void reached(WaitLimit reached, Status status) {
    if (limit == reached) {
      over.accept(status);
    }
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
