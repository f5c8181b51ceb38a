package io.inferencerouter.examples.demo;

import io.inferencerouter.examples.demo.chat.Chat;
import io.inferencerouter.examples.demo.documents.Documents;
import io.inferencerouter.examples.demo.scenario.Scenario;
import io.inferencerouter.examples.demo.scenario.Settings;
import java.io.IOException;
import java.util.Locale;

/** The kinds of work to choose from. */
enum Work {
  /** Documents are embedded. */
  DOCUMENTS {
    @Override
    Scenario prepare(Settings settings, Scenario.Announcer announcer)
        throws IOException, InterruptedException {
      return Documents.prepare(settings, announcer);
    }
  },

  /** A language model answers, token by token. */
  CHAT {
    @Override
    Scenario prepare(Settings settings, Scenario.Announcer announcer) throws IOException {
      return Chat.prepare(settings, announcer);
    }
  };

  /** Loads the model, measures this machine and draws the requests. */
  abstract Scenario prepare(Settings settings, Scenario.Announcer announcer)
      throws IOException, InterruptedException;

  /** The name, as in the options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
