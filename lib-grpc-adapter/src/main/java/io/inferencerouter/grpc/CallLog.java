package io.inferencerouter.grpc;

import io.grpc.ClientCall;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller has sent so far, to be said to an attempt, and to another one if need be. Bounded
 * by whoever fills it. Not safe for use by several threads at once.
 */
final class CallLog<T> {
  private enum Mark {
    COMPRESS,
    DO_NOT_COMPRESS
  }

  /** A mark or a message; most calls send one message and no more. */
  private @Nullable Object first;

  /** Marks and messages that follow. */
  private @Nullable List<Object> more;

  private long bytes;
  private int size;
  private int messages;
  private boolean halfClosed;
  private boolean unsized;

  private void add(Object entry) {
    size++;
    if (first == null) {
      first = entry;
    } else {
      List<Object> others = more;
      if (others == null) {
        others = new ArrayList<>();
        more = others;
      }
      others.add(entry);
    }
  }

  void message(T message, int size) {
    add(message);
    bytes += Math.max(0, size);
    unsized |= size == MessageBytes.UNKNOWN;
    messages++;
  }

  void compression(boolean enabled) {
    add(enabled ? Mark.COMPRESS : Mark.DO_NOT_COMPRESS);
  }

  /** Nothing follows. */
  void halfClose() {
    size++;
    halfClosed = true;
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
    return size;
  }

  /** Says all of it to a call. */
  void sayTo(ClientCall<T, ?> call) {
    if (first != null) {
      say(first, call);
    }
    if (more != null) {
      for (Object entry : more) {
        say(entry, call);
      }
    }
    if (halfClosed) {
      call.halfClose();
    }
  }

  private void say(Object entry, ClientCall<T, ?> call) {
    if (entry instanceof Mark mark) {
      call.setMessageCompression(mark == Mark.COMPRESS);
    } else {
      call.sendMessage(message(entry));
    }
  }

  @SuppressWarnings("unchecked") // only messages of this type are taken
  private T message(Object entry) {
    return (T) entry;
  }

  void clear() {
    first = null;
    more = null;
    halfClosed = false;
    bytes = 0;
    size = 0;
    messages = 0;
  }
}
