package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.HardwareProfile;
import io.inferencerouter.examples.demo.scenario.FailingServer;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.examples.loopback.Served;
import java.io.IOException;
import java.util.List;

/** A server in front of an engine. */
abstract class DocumentServer implements FailingServer {
  private final EndpointEngine engine;

  DocumentServer(EndpointEngine engine) {
    this.engine = engine;
  }

  @Override
  public void slowDown(double factor) {
    engine.slowDown(factor);
  }

  @Override
  public void awaitIdle() throws IOException, InterruptedException {
    engine.awaitIdle();
  }

  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public String model() {
    return MiniLm.NAME;
  }

  @Override
  public int slots() {
    return engine.slots();
  }

  @Override
  public HardwareProfile profile() {
    return engine.profile();
  }

  @Override
  public List<Served> takeServed() {
    return engine.takeServed();
  }
}
