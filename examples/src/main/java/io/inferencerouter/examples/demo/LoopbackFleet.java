package io.inferencerouter.examples.demo;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.examples.demo.engine.Calibration;
import io.inferencerouter.examples.demo.engine.EmbeddingServer;
import io.inferencerouter.examples.demo.engine.EndpointSpec;
import io.inferencerouter.examples.demo.engine.MiniLm;
import io.inferencerouter.examples.demo.engine.Served;
import io.inferencerouter.examples.demo.report.Utilisation;
import io.inferencerouter.examples.demo.workload.Fleet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A running server for each endpoint of a fleet, and what a user would declare to the router about
 * them.
 */
final class LoopbackFleet implements AutoCloseable {
  /**
   * The slots of each endpoint. They are more than its permits, so that the router may let requests
   * queue at one endpoint while another is idle: choosing is the policy's business.
   */
  private static final int SLOTS = 256;

  private final List<EmbeddingServer> servers = new ArrayList<>();
  private final Calibration calibration;

  private LoopbackFleet(Calibration calibration) {
    this.calibration = calibration;
  }

  static LoopbackFleet start(Fleet fleet, MiniLm engine, Calibration calibration)
      throws IOException {
    LoopbackFleet running = new LoopbackFleet(calibration);
    try {
      for (EndpointSpec spec : fleet.endpoints()) {
        running.servers.add(EmbeddingServer.start(spec, engine, calibration));
      }
      return running;
    } catch (IOException e) {
      running.close();
      throw e;
    }
  }

  /** The endpoints as their owner declares them: where, how many at a time, how fast. */
  List<Endpoint> endpoints() {
    List<Endpoint> endpoints = new ArrayList<>();
    for (EmbeddingServer server : servers) {
      endpoints.add(
          Endpoint.builder(server.spec().name(), server.uri())
              .model(MiniLm.NAME)
              .maxConcurrency(SLOTS)
              .profile(
                  HardwareProfile.inputOnly(tokensPerSecond(server.spec()))
                      .parallelism(server.spec().permits())
                      .build())
              .build());
    }
    return endpoints;
  }

  /** How many tokens per second an endpoint reads for one request. */
  double tokensPerSecond(EndpointSpec spec) {
    return 1e9 / (calibration.nanosPerToken() * spec.slowDown());
  }

  /** Forgets what has been served so far. */
  void reset() {
    servers.forEach(EmbeddingServer::takeServed);
  }

  /** What has been served since the last reset, which this is, too. */
  ServiceRecord takeRecord(long fromNanos, long toNanos) {
    Utilisation.Window window = new Utilisation.Window(fromNanos, toNanos);
    long stated = 0;
    long overrun = 0;
    for (EmbeddingServer server : servers) {
      List<Served> served = server.takeServed();
      window.add(server.spec(), served);
      stated += served.stream().mapToLong(Served::statedNanos).sum();
      overrun += served.stream().mapToLong(Served::overrunNanos).sum();
    }
    return new ServiceRecord(window.utilisation(), stated == 0 ? 0 : (double) overrun / stated);
  }

  @Override
  public void close() {
    servers.forEach(EmbeddingServer::close);
  }

  /**
   * What the servers say of a run.
   *
   * @param utilisation within the window
   * @param overrun by which share of the stated time serving took longer
   */
  record ServiceRecord(Utilisation utilisation, double overrun) {}
}
