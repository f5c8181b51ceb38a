package io.inferencerouter.examples.cost;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.cost.CostEstimators;
import io.inferencerouter.examples.loopback.ChatClient;
import io.inferencerouter.examples.loopback.ChatServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Shows an estimate of one's own. One of two endpoints reads fast and writes slowly, the other one
 * the reverse. Where a long text is translated soonest depends on how long the answer will be.
 */
public final class CostExample {
  private static final String TEXT =
      "It was the best of times, it was the worst of times. ".repeat(200);

  private CostExample() {}

  /**
   * Starts both servers and prints who translates, with the general estimate and with one's own.
   */
  public static void main(String[] args) throws IOException {
    Duration perWord = Duration.ofNanos(20_000);
    try (ChatServer reader = ChatServer.start("the fast reader", perWord);
        ChatServer writer = ChatServer.start("the fast writer", perWord)) {
      System.out.println(
          "general estimate:     " + translate(reader, writer, CostEstimators.text()));
      System.out.println(
          "translation estimate: " + translate(reader, writer, new TranslationCost()));
    }
  }

  static String translate(ChatServer reader, ChatServer writer, CostEstimator estimator) {
    Endpoint fastReader =
        Endpoint.builder("reader", reader.url())
            .profile(HardwareProfile.builder(20_000, 60).build())
            .build();
    Endpoint fastWriter =
        Endpoint.builder("writer", writer.url())
            .profile(HardwareProfile.builder(1_000, 100).build())
            .build();
    try (InferenceRouter router =
            InferenceRouters.builder()
                .endpoints(List.of(fastReader, fastWriter))
                .costEstimator(estimator)
                .build();
        ChatClient client = new ChatClient(router)) {
      return client.ask(TEXT).join();
    }
  }
}
