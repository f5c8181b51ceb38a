package io.inferencerouter.examples.demo.scenario;

import io.inferencerouter.examples.loopback.ModelServer;
import java.io.IOException;

/** A server that can be made to fail as servers do. For one thread at a time. */
public interface FailingServer extends ModelServer {
  /**
   * Serves more slowly from now on.
   *
   * @param factor how many times longer than stated, 1 or more; 1 is as stated
   */
  void slowDown(double factor);

  /** Dies: what it was answering is cut off, and it can no longer be reached. */
  void kill();

  /**
   * Waits until it serves nothing, not even what it was asked by somebody who has gone.
   *
   * @throws IOException if it still does after a long time
   */
  void awaitIdle() throws IOException, InterruptedException;

  /** Comes back at the same address; does nothing if it is there. */
  void restart() throws IOException;
}
