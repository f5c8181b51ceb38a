package io.inferencerouter.examples.loopback;

import java.io.IOException;

/** The caller's mistake, to be answered with 400; the message is for the caller. */
public final class BadRequest extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * Says what is wrong.
   *
   * @param message without quotation marks
   */
  public BadRequest(String message) {
    super(message);
  }

  /**
   * Says what is wrong.
   *
   * @param message without quotation marks
   * @param cause how it was found
   */
  public BadRequest(String message, Throwable cause) {
    super(message, cause);
  }
}
