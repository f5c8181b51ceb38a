package io.inferencerouter.okhttp;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import okhttp3.Request;
import okhttp3.Response;

/** Asks for the rest of the streamed answer to a call, as its user has said. */
final class CallContinuation implements ContinuedBody.Continuing {
  private final StreamContinuation continuation;
  private final Request request;
  private final RoutedRequest routed;
  private final Function<Request, CallAttempts.Transport> transports;

  /**
   * Prepares to ask.
   *
   * @param transports send a request in the place of the call's own
   */
  CallContinuation(
      StreamContinuation continuation,
      Request request,
      RoutedRequest routed,
      Function<Request, CallAttempts.Transport> transports) {
    this.continuation = continuation;
    this.request = request;
    this.routed = routed;
    this.transports = transports;
  }

  /** The response to the call, with a body that goes on, if it is one that can. */
  Response applyTo(Response response) {
    return response.body() instanceof LeasedBody body && body.isEventStream()
        ? response.newBuilder().body(new ContinuedBody(body, this)).build()
        : response;
  }

  @Override
  @SuppressWarnings("OptionalAssignedToNull") // by the user's code
  public Optional<LeasedBody> after(PartialAnswer received) throws IOException {
    Optional<Request> rest = continuation.continueAfter(request, received);
    if (rest == null || rest.isEmpty()) {
      return Optional.empty();
    }
    LeaseWait wait = routed.askForRest(rest.get());
    if (wait == null) {
      throw new IOException("continuation: no other attempt is allowed (expected: within limits)");
    }
    Response response = routed.attemptAll(wait, transports.apply(rest.get())).get();
    if (response.body() instanceof LeasedBody body && body.isEventStream()) {
      return Optional.of(body);
    }
    response.close();
    throw new IOException(
        "continuation: answered with status "
            + response.code()
            + " and "
            + response.header("Content-Type", "no content")
            + " (expected: a stream of events)");
  }

  @Override
  public boolean isCanceled() {
    return routed.isCanceled() || Thread.currentThread().isInterrupted();
  }

  @Override
  public void cancel() {
    routed.cancel();
  }
}
