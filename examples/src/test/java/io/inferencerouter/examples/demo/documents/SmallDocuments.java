package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.examples.demo.scenario.Scenario;
import io.inferencerouter.examples.demo.scenario.Settings;
import io.inferencerouter.examples.embedding.LoadedModel;
import java.io.IOException;

/** Documents on fast endpoints, with the model of all tests; closing it would close that. */
public final class SmallDocuments {
  private SmallDocuments() {}

  /** Prepares a scenario. */
  public static Scenario of(Settings settings) throws IOException {
    return Documents.of(settings, LoadedModel.get(), new Calibration(20_000));
  }
}
