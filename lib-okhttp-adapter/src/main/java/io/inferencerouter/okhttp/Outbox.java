package io.inferencerouter.okhttp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import okhttp3.WebSocket;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The messages of a web socket that is not there yet. Not safe for use by several threads. */
final class Outbox {
  /** As many bytes as OkHttp keeps in a web socket's queue. */
  private static final long MAX_SIZE = 16L << 20;

  private static final int MAX_REASON = 123;

  private final Deque<Message> messages = new ArrayDeque<>(0);
  private long size;

  /** Something to send. */
  sealed interface Message {
    /** How many bytes count against the limit. */
    long size();

    void sendTo(WebSocket socket);
  }

  record Text(String text, long size) implements Message {
    Text(String text) {
      this(text, text.getBytes(StandardCharsets.UTF_8).length);
    }

    @Override
    public void sendTo(WebSocket socket) {
      socket.send(text);
    }
  }

  record Binary(ByteString bytes) implements Message {
    Binary {
      Objects.requireNonNull(bytes, "bytes");
    }

    @Override
    public long size() {
      return bytes.size();
    }

    @Override
    public void sendTo(WebSocket socket) {
      socket.send(bytes);
    }
  }

  record Close(int code, @Nullable String reason) implements Message {
    Close {
      if (code < 1000 || code > 4999 || isReserved(code)) {
        throw new IllegalArgumentException(
            "close code: "
                + code
                + " (expected: 1000 to 4999, without 1004 to 1006 and 1015 to 2999)");
      }
      if (reason != null && reason.getBytes(StandardCharsets.UTF_8).length > MAX_REASON) {
        throw new IllegalArgumentException(
            "close reason: longer than expected (expected: at most " + MAX_REASON + " bytes)");
      }
    }

    private static boolean isReserved(int code) {
      return (code >= 1004 && code <= 1006) || (code >= 1015 && code <= 2999);
    }

    @Override
    public long size() {
      return 0;
    }

    @Override
    public void sendTo(WebSocket socket) {
      socket.close(code, reason);
    }
  }

  /** Adds a message, unless that were too much. */
  boolean add(Message message) {
    if (size + message.size() > MAX_SIZE) {
      return false;
    }
    addLast(message);
    return true;
  }

  /** Adds a message, however full it is. */
  void addLast(Message message) {
    size += message.size();
    messages.add(message);
  }

  /** In bytes. */
  long size() {
    return size;
  }

  /** Sends everything, in order. */
  void empty(WebSocket socket) {
    messages.forEach(message -> message.sendTo(socket));
    clear();
  }

  void clear() {
    messages.clear();
    size = 0;
  }
}
