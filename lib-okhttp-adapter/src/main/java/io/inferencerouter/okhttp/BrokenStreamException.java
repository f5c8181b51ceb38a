package io.inferencerouter.okhttp;

import java.io.IOException;

/**
 * Thrown to who reads a stream of events that has broken off after its first byte, by the
 * endpoint's doing. What was read before belongs to the answer; how the stream failed is the cause.
 *
 * <p>A stream that was cancelled, or whose call has taken too long, fails as any other body does.
 */
public final class BrokenStreamException extends IOException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // lost when serialised, which nobody should do with an exception
  private final transient PartialAnswer received;

  BrokenStreamException(String endpointId, PartialAnswer received, IOException cause) {
    super(
        "stream of endpoint "
            + endpointId
            + ": broken off after "
            + received.bytes()
            + " byte(s), "
            + received.events()
            + " event(s) (expected: its last event; "
            + cause.getMessage()
            + ")",
        cause);
    this.received = received;
  }

  /** What was received. */
  public PartialAnswer received() {
    return received;
  }
}
