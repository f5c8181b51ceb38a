package io.inferencerouter.grpc;

import io.grpc.ClientCall;
import java.util.ArrayList;
import java.util.List;

/**
 * What a caller has sent so far, to be said to an attempt, and to another one if need be. Bounded
 * by whoever fills it. Not safe for use by several threads at once.
 */
final class CallLog<T> {
  private enum Mark {
    COMPRESS,
    DO_NOT_COMPRESS,
    HALF_CLOSE
  }

  /** Marks, and messages. */
  private final List<Object> entries = new ArrayList<>(2);

  private long bytes;
  private int messages;
  private boolean unsized;

  void message(T message, int size) {
    entries.add(message);
    bytes += Math.max(0, size);
    unsized |= size == MessageBytes.UNKNOWN;
    messages++;
  }

  void compression(boolean enabled) {
    entries.add(enabled ? Mark.COMPRESS : Mark.DO_NOT_COMPRESS);
  }

  void halfClose() {
    entries.add(Mark.HALF_CLOSE);
  }

  /** The serialized size of all messages. */
  long bytes() {
    return bytes;
  }

  /** Whether there is a message whose size is not known, or that can be read only once. */
  boolean isUnsized() {
    return unsized;
  }

  int messages() {
    return messages;
  }

  /** How many things were said. */
  int size() {
    return entries.size();
  }

  /** Says all of it to a call. */
  void sayTo(ClientCall<T, ?> call) {
    for (Object entry : entries) {
      if (entry instanceof Mark mark) {
        switch (mark) {
          case COMPRESS -> call.setMessageCompression(true);
          case DO_NOT_COMPRESS -> call.setMessageCompression(false);
          case HALF_CLOSE -> call.halfClose();
        }
      } else {
        call.sendMessage(message(entry));
      }
    }
  }

  @SuppressWarnings("unchecked") // only messages of this type are taken
  private T message(Object entry) {
    return (T) entry;
  }

  void clear() {
    entries.clear();
    bytes = 0;
    messages = 0;
  }
}
