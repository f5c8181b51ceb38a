package io.inferencerouter.benchmarks.soak;

import java.io.IOException;

/** A server on loopback that answers in a {@link Mood}, can be stopped, and comes back. */
interface FaultyEndpoint extends AutoCloseable {
  /** What it is called. */
  String id();

  /** Where it is; stays the same. */
  String uri();

  /** How it answers from now on. */
  void mood(Mood next);

  /** Refuses connections from now on, and breaks those that there are. */
  void stop() throws IOException;

  /** Listens again, unless it does. */
  void restart() throws IOException;

  @Override
  void close() throws IOException;
}
