package io.inferencerouter;

import java.util.Objects;

/** A request could not be routed. Immutable. */
public final class RequestShed {
  private final InferenceRequest request;
  private final InferenceRouterException reason;

  /** Creates the event. */
  public RequestShed(InferenceRequest request, InferenceRouterException reason) {
    this.request = Objects.requireNonNull(request, "request");
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /** The request. */
  public InferenceRequest request() {
    return request;
  }

  /** What the caller gets to see. */
  public InferenceRouterException reason() {
    return reason;
  }

  @Override
  public String toString() {
    return "RequestShed[" + request + ": " + reason.getMessage() + "]";
  }
}
