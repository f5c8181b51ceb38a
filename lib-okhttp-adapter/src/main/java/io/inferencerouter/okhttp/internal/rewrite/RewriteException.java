package io.inferencerouter.okhttp.internal.rewrite;

import java.io.IOException;

/**
 * A request cannot be made to say what it has to. That is its own doing and not the endpoint's,
 * which it does not reach in full.
 */
public final class RewriteException extends IOException {
  private static final long serialVersionUID = 1L;

  /** With a message that says what is expected. */
  public RewriteException(String message) {
    super(message);
  }
}
