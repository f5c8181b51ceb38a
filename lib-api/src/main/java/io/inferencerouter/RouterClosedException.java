package io.inferencerouter;

/** Thrown when a router is used, or waited for, that has been closed. */
public final class RouterClosedException extends InferenceRouterException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public RouterClosedException() {
    super("router: closed (expected: a router that is open; close it after its last user)");
  }
}
