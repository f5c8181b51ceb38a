package io.inferencerouter;

/** The root of what a router throws when it cannot route a request. */
public abstract class InferenceRouterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InferenceRouterException(String message) {
    super(message);
  }
}
