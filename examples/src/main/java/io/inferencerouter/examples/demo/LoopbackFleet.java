package io.inferencerouter.examples.demo;

import io.inferencerouter.Endpoint;
import io.inferencerouter.examples.demo.report.Utilisation;
import io.inferencerouter.examples.demo.scenario.FailingServer;
import io.inferencerouter.examples.demo.scenario.Scenario;
import io.inferencerouter.examples.loopback.ModelServer;
import io.inferencerouter.examples.loopback.Served;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A running server for each endpoint of a fleet, and what a user would declare to the router about
 * them.
 */
final class LoopbackFleet implements AutoCloseable {
  /**
   * The slots of each endpoint as declared. They are more than it serves at a time, so that the
   * router may let requests queue at one endpoint while another is idle: choosing is the policy's
   * business.
   */
  private static final int SLOTS = 256;

  private final List<ModelServer> servers = new ArrayList<>();

  private LoopbackFleet() {}

  static LoopbackFleet start(Scenario scenario) throws IOException {
    LoopbackFleet fleet = new LoopbackFleet();
    try {
      for (Scenario.Launcher server : scenario.servers()) {
        fleet.servers.add(server.start());
      }
      return fleet;
    } catch (IOException e) {
      fleet.close();
      throw e;
    }
  }

  /** The endpoints as their owner declares them: where, how many at a time, how fast. */
  List<Endpoint> endpoints() {
    List<Endpoint> endpoints = new ArrayList<>();
    for (ModelServer server : servers) {
      endpoints.add(
          Endpoint.builder(server.name(), server.uri())
              .model(server.model())
              .maxConcurrency(SLOTS)
              .profile(server.profile())
              .build());
    }
    return endpoints;
  }

  /** The faults that its second and third endpoint will suffer. */
  FaultPlan faults() {
    return new FaultPlan(failing(1), failing(2));
  }

  private FailingServer failing(int index) {
    if (servers.get(index) instanceof FailingServer failing) {
      return failing;
    }
    throw new IllegalStateException(
        "server " + servers.get(index).name() + ": cannot be made to fail (expected: documents)");
  }

  /**
   * Waits until nobody is served any more, also of those who have given up waiting, and forgets
   * what has been served so far.
   */
  void reset() throws IOException, InterruptedException {
    for (ModelServer server : servers) {
      if (server instanceof FailingServer failing) {
        failing.awaitIdle();
      }
    }
    servers.forEach(ModelServer::takeServed);
  }

  /** What has been served since the last reset, which this is, too. */
  ServiceRecord takeRecord(long fromNanos, long toNanos) {
    Utilisation.Window window = new Utilisation.Window(fromNanos, toNanos);
    long stated = 0;
    long overrun = 0;
    for (ModelServer server : servers) {
      List<Served> served = server.takeServed();
      window.add(server.name(), server.slots(), served);
      stated += served.stream().mapToLong(Served::statedNanos).sum();
      overrun += served.stream().mapToLong(Served::overrunNanos).sum();
    }
    return new ServiceRecord(window.utilisation(), stated == 0 ? 0 : (double) overrun / stated);
  }

  @Override
  public void close() {
    servers.forEach(ModelServer::close);
  }

  /**
   * What the servers say of a run.
   *
   * @param utilisation within the window
   * @param overrun by which share of the stated time serving took longer
   */
  record ServiceRecord(Utilisation utilisation, double overrun) {}
}
