package io.inferencerouter.benchmarks.soak;

import java.io.IOException;
import java.net.BindException;

/**
 * A server on loopback that answers in a {@link Mood}, can be stopped, and comes back at the same
 * port. One thread starts and stops it.
 */
abstract class FaultyEndpoint implements AutoCloseable {
  private static final int ANY_PORT = 0;

  private final String id;
  private volatile Mood mood = Mood.WELL;
  private int port = ANY_PORT;
  private boolean listening;

  /** Creates one that does not listen yet. */
  FaultyEndpoint(String id) {
    this.id = id;
  }

  /** Listens; returns the port, which is the given one, or any free one if that is 0. */
  abstract int listen(int at) throws IOException;

  /** Refuses connections, and breaks those that there are. */
  abstract void breakOff() throws IOException;

  /** What it is called. */
  final String id() {
    return id;
  }

  /** Where it is; stays the same. */
  final String uri() {
    return "http://127.0.0.1:" + port;
  }

  /** How it answers. */
  final Mood mood() {
    return mood;
  }

  /** How it answers from now on. */
  final void mood(Mood next) {
    mood = next;
  }

  /** Refuses connections from now on, and breaks those that there are. */
  final void stop() throws IOException {
    if (listening) {
      listening = false;
      breakOff();
    }
  }

  /**
   * Listens again, unless it does, or somebody else has got the port meanwhile: while it does not
   * listen, that is any connection's to take.
   */
  final void restart() throws IOException {
    if (!listening) {
      try {
        port = listen(port);
        listening = true;
      } catch (IOException taken) {
        if (port == ANY_PORT || !hasCause(taken, BindException.class)) {
          throw taken;
        }
      }
    }
  }

  private static boolean hasCause(Throwable thrown, Class<?> type) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public final void close() throws IOException {
    stop();
  }
}
