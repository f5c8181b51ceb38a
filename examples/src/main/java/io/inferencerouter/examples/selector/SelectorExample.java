package io.inferencerouter.examples.selector;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.loopback.ChatClient;
import io.inferencerouter.examples.loopback.ChatServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Shows a policy of one's own: first few requests, which stay at home, then a flood, which does
 * not.
 */
public final class SelectorExample {
  private static final Duration PATIENCE = Duration.ofMillis(40);
  private static final int FLOOD = 30;

  private SelectorExample() {}

  /** Starts a server in each of two zones and prints who answered how often. */
  public static void main(String[] args) throws IOException {
    try (ChatServer home = ChatServer.start("home", Duration.ofMillis(2));
        ChatServer away = ChatServer.start("away", Duration.ofMillis(2))) {
      System.out.println("one after the other: " + run(home.url(), away.url(), false));
      System.out.println("all at once:         " + run(home.url(), away.url(), true));
    }
  }

  /** Returns how often each answer came. */
  static Map<String, Integer> run(String home, String away, boolean atOnce) throws IOException {
    try (InferenceRouter router =
            InferenceRouters.builder()
                .endpoints(List.of(endpoint("zone-a", home), endpoint("zone-b", away)))
                .selector(new LocalZoneFirst("zone-a", PATIENCE))
                .build();
        ChatClient client = new ChatClient(router)) {
      return atOnce
          ? client.askAtOnce(FLOOD, "Where are you, and how long does it take to get there?")
          : client.askInTurn(5, "Where are you?");
    }
  }

  private static Endpoint endpoint(String zone, String url) {
    return Endpoint.builder("gpu-in-" + zone, url)
        .zone(zone)
        .profile(HardwareProfile.builder(500, 500).parallelism(4).build())
        .build();
  }
}
