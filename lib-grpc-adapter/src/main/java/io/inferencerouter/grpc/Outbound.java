package io.inferencerouter.grpc;

import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * What a caller does towards the endpoint: it is passed on to the attempt under way, and kept for
 * the next one until the call is settled, when there will be no other attempt: it is the last one
 * that may be made, something of an answer was delivered, or more was sent than is kept.
 *
 * <p>Used by steps only, but for {@link #isSettled}, {@link #isSpent}, {@link #spend} and {@link
 * #passedOn}.
 */
final class Outbound<T> {
  private final MethodDescriptor<T, ?> method;
  private final int replayBufferBytes;
  private final CallLog<T> log = new CallLog<>();
  private long requested;

  // Read by anybody. A new attempt first takes the count back and then begins; whoever sees that it
  // has settled the call sees a count that is its own.
  private volatile boolean settled;
  private volatile boolean spent;
  private volatile int passedOn;

  Outbound(MethodDescriptor<T, ?> method, int replayBufferBytes) {
    this.method = method;
    this.replayBufferBytes = replayBufferBytes;
  }

  boolean isSettled() {
    return settled;
  }

  /** Whether it cannot be said again, or must not be. */
  boolean isSpent() {
    return spent;
  }

  /** Something was delivered to the caller; what is kept may be {@linkplain #forget forgotten}. */
  void spend() {
    spent = true;
    settled = true;
  }

  /** The attempt under way is the last one that may be made: nothing is kept from now on. */
  void settle() {
    settled = true;
    log.clear();
  }

  /** Whether what is kept is worth to be forgotten before the call ends. */
  boolean isLarge() {
    return log.bytes() > CallLimits.WORTH_LETTING_GO;
  }

  void forget() {
    log.clear();
  }

  /** How much of what the caller has sent has been passed on to the attempt. */
  int passedOn() {
    return passedOn;
  }

  /** How many messages are kept. */
  int messages() {
    return log.messages();
  }

  /** The serialized size of what is kept. */
  long bytes() {
    return log.bytes();
  }

  void request(int messages, @Nullable ClientCall<T, ?> call) {
    requested = Math.min(Long.MAX_VALUE - messages, requested) + messages;
    if (call != null) {
      call.request(messages);
    }
  }

  /**
   * Sends a message, or keeps it until there is a call.
   *
   * @return its serialized size, or {@link MessageBytes#UNKNOWN}; 0 once the call is settled
   */
  int message(T message, @Nullable ClientCall<T, ?> call) {
    int size = settled ? 0 : MessageBytes.size(method, message);
    if (!settled) {
      log.message(message, size);
    }
    if (call != null) {
      call.sendMessage(message);
      passedOneOn();
    }
    return size;
  }

  void halfClose(@Nullable ClientCall<T, ?> call) {
    if (!settled) {
      log.halfClose();
    }
    if (call != null) {
      call.halfClose();
      passedOneOn();
    }
  }

  void compression(boolean enabled, @Nullable ClientCall<T, ?> call) {
    if (!settled) {
      log.compression(enabled);
    }
    if (call != null) {
      call.setMessageCompression(enabled);
      passedOneOn();
    }
  }

  private void passedOneOn() {
    int count = passedOn + 1;
    settleIfTooMuchIsKept();
    passedOn = count;
  }

  /** Another attempt begins: nothing has been passed on to it. */
  void startOver() {
    passedOn = 0;
  }

  /** Passes everything on to a new attempt. */
  void replay(ClientCall<T, ?> call) {
    for (long left = requested; left > 0; left -= Integer.MAX_VALUE) {
      call.request((int) Math.min(left, Integer.MAX_VALUE));
    }
    int count = log.size();
    log.sayTo(call);
    settleIfTooMuchIsKept();
    passedOn = count;
  }

  private void settleIfTooMuchIsKept() {
    if (log.bytes() > replayBufferBytes || log.size() > CallLimits.MAX_KEPT || log.isUnsized()) {
      spend();
    }
    if (settled) {
      log.clear();
    }
  }
}
