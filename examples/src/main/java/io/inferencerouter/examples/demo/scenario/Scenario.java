package io.inferencerouter.examples.demo.scenario;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.examples.demo.report.Headline;
import io.inferencerouter.examples.demo.workload.Sender;
import io.inferencerouter.examples.demo.workload.Workload;
import io.inferencerouter.examples.loopback.ModelServer;
import java.io.IOException;
import java.util.List;

/**
 * A kind of work, ready to run: a loaded model, a fleet of servers for it, and requests. Closing it
 * closes the model.
 */
public interface Scenario extends AutoCloseable {
  /** The name of the model. */
  String model();

  /**
   * Makes what sends the requests; the caller closes it.
   *
   * @param router decides where each request goes
   */
  Sender sender(InferenceRouter router);

  /** What matters most to those who wait. */
  Headline headline();

  /** Starts the servers on loopback, one each; the caller closes them. */
  List<Launcher> servers();

  /** What each endpoint gets done. */
  Capacity capacity();

  /** The requests of the run. */
  Workload workload();

  /** A few short requests, so that the JVM loads and compiles what the demo measures. */
  Workload warmUp() throws IOException;

  @Override
  void close() throws IOException;

  /** Starts a server. */
  @FunctionalInterface
  interface Launcher {
    /** Starts it; the caller closes it. */
    ModelServer start() throws IOException;
  }

  /** Where a scenario says what it is and does. */
  @FunctionalInterface
  interface Announcer {
    /**
     * Says a line.
     *
     * @param format as of {@link String#format}
     */
    void say(String format, Object... values);
  }
}
