package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.examples.demo.report.Headline;
import io.inferencerouter.examples.demo.scenario.Capacity;
import io.inferencerouter.examples.demo.scenario.Scenario;
import io.inferencerouter.examples.demo.scenario.Settings;
import io.inferencerouter.examples.demo.transport.Transport;
import io.inferencerouter.examples.demo.workload.Sender;
import io.inferencerouter.examples.demo.workload.Workload;
import io.inferencerouter.examples.embedding.MiniLm;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The work of a back office: documents of one to fifty pages are to be embedded. */
public final class Documents implements Scenario {
  private static final Duration CALIBRATION_WARM_UP = Duration.ofMillis(1500);
  private static final int CALIBRATION_DOCUMENTS = 12;

  /**
   * The longest time for a token from which slow-downs count. It keeps the run short on a slow or
   * busy machine, at the price of less room between real computing and stated time.
   */
  private static final double SLOWEST_UNIT_NANOS = 150_000;

  private static final int WARM_UP_REQUESTS = 40;
  private static final Duration WARM_UP_SPACING = Duration.ofMillis(20);

  private final DocumentApi api;
  private final DocumentFleet fleet;
  private final MiniLm engine;
  private final Calibration calibration;
  private final Workload workload;

  private Documents(
      DocumentApi api,
      DocumentFleet fleet,
      MiniLm engine,
      Calibration calibration,
      Workload workload) {
    this.api = api;
    this.fleet = fleet;
    this.engine = engine;
    this.calibration = calibration;
    this.workload = workload;
  }

  /** Loads the model, measures this machine and draws the documents. */
  public static Documents prepare(Settings settings, Announcer announcer)
      throws IOException, InterruptedException {
    MiniLm engine = MiniLm.load();
    try {
      announcer.say("Model     %s, %d dimensions, on ONNX Runtime", MiniLm.NAME, MiniLm.DIMENSIONS);
      Calibration measured = measure(engine, settings.seed());
      Calibration unit = measured.atMost(SLOWEST_UNIT_NANOS);
      announcer.say(
          "Machine   %d processors; one computes a token in %.3f ms, slow-downs count from %.3f ms",
          Runtime.getRuntime().availableProcessors(),
          measured.nanosPerToken() / 1e6,
          unit.nanosPerToken() / 1e6);
      Documents documents = of(settings, engine, unit);
      documents.announce(settings, announcer);
      return documents;
    } catch (IOException | InterruptedException e) {
      engine.close();
      throw e;
    }
  }

  /** As {@link #prepare}, with a model that is loaded and a unit that is known. */
  static Documents of(Settings settings, MiniLm engine, Calibration unit) throws IOException {
    DocumentApi api = DocumentApi.of(settings.transport());
    DocumentFleet fleet = DocumentFleet.of(settings.fleet());
    Workload workload =
        Workload.draw(
            settings.seed(),
            settings.size(),
            new DocumentSource(
                settings.seed(),
                engine,
                unit,
                settings.load() * fleet.capacity().total(),
                api,
                new AnswerCheck(engine)));
    return new Documents(api, fleet, engine, unit, workload);
  }

  @Override
  public String model() {
    return MiniLm.NAME;
  }

  @Override
  public Sender sender(InferenceRouter router) {
    return api.sender(router);
  }

  @Override
  public Headline headline() {
    return Headline.ANSWER;
  }

  @Override
  public Capacity capacity() {
    return fleet.capacity();
  }

  @Override
  public List<Launcher> servers() {
    return fleet.endpoints().stream()
        .<Launcher>map(spec -> () -> api.start(new EndpointEngine(spec, engine, calibration)))
        .toList();
  }

  @Override
  public Workload workload() {
    return workload;
  }

  @Override
  public Workload warmUp() throws IOException {
    DocumentGenerator generator = new DocumentGenerator(0);
    DocumentSource source =
        new DocumentSource(0, engine, calibration, 1, api, new AnswerCheck(engine));
    List<Workload.Draft> invoices = new ArrayList<>();
    for (int i = 0; i < WARM_UP_REQUESTS; i++) {
      invoices.add(source.draft(generator.next(DocumentKind.INVOICE)));
    }
    return Workload.even(invoices, WARM_UP_SPACING);
  }

  @Override
  public void close() throws IOException {
    engine.close();
  }

  private void announce(Settings settings, Announcer announcer) {
    announcer.say(
        "Fleet     %s: real model servers on loopback%s, slowed down to stand for GPUs",
        settings.fleet(), settings.transport() == Transport.GRPC ? " over gRPC" : "");
    for (EndpointSpec spec : fleet.endpoints()) {
      announcer.say(
          "          %-8s slow-down %4.1f, %d permits, %4.0f tokens/s per request",
          spec.name(), spec.slowDown(), spec.permits(), spec.tokensPerSecond(calibration));
    }
    announcer.say(
        "Workload  %d documents with %d tokens, in bursts over %.0f s; seed %d",
        workload.jobs().size(),
        workload.inputTokens(),
        workload.window().toMillis() / 1e3,
        settings.seed());
  }

  private static Calibration measure(MiniLm engine, long seed)
      throws IOException, InterruptedException {
    DocumentGenerator generator = new DocumentGenerator(seed + 1);
    List<String> pages = new ArrayList<>();
    for (int i = 0; i < CALIBRATION_DOCUMENTS; i++) {
      pages.add(generator.next().pages().get(0));
    }
    return Calibration.measure(engine, pages, CALIBRATION_WARM_UP);
  }
}
