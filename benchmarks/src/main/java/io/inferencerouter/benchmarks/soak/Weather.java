package io.inferencerouter.benchmarks.soak;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What befalls the servers and the set of endpoints, one thing after the other. */
final class Weather {
  /** So many never leave the set. */
  private static final int ALWAYS_MEMBERS = 3;

  private static final List<Mood> ILL = List.copyOf(EnumSet.complementOf(EnumSet.of(Mood.WELL)));

  private final List<FaultyEndpoint> servers;
  private final InferenceRouter router;
  private final SplittableRandom random;
  private final Map<Mood, Integer> moods = new EnumMap<>(Mood.class);
  private final Queue<CompletableFuture<Void>> drains = new ConcurrentLinkedQueue<>();
  private int stops;

  Weather(List<FaultyEndpoint> servers, InferenceRouter router, long seed) {
    this.servers = servers;
    this.router = router;
    this.random = new SplittableRandom(seed);
  }

  static List<Endpoint> endpoints(List<FaultyEndpoint> servers, int count) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (FaultyEndpoint server : servers.subList(0, count)) {
      endpoints.add(Endpoint.builder(server.id(), server.uri()).maxConcurrency(64).build());
    }
    return endpoints;
  }

  /** Something happens. */
  void change() throws IOException {
    FaultyEndpoint server = servers.get(random.nextInt(servers.size()));
    switch (random.nextInt(8)) {
      case 0 -> {
        server.stop();
        stops++;
      }
      case 1 -> server.restart();
      case 2 ->
          router.updateEndpoints(
              endpoints(
                  servers, ALWAYS_MEMBERS + random.nextInt(servers.size() - ALWAYS_MEMBERS + 1)));
      case 3 -> steer(server.id());
      default -> {
        server.restart();
        Mood mood = random.nextInt(3) != 0 ? Mood.WELL : ILL.get(random.nextInt(ILL.size()));
        server.mood(mood);
        moods.merge(mood, 1, Integer::sum);
      }
    }
  }

  private void steer(String id) {
    try {
      switch (random.nextInt(3)) {
        case 0 -> router.eject(id, Duration.ofMillis(500));
        case 1 -> router.reinstate(id);
        default -> drains.add(router.drain(id));
      }
    } catch (IllegalArgumentException notAMember) {
      return;
    }
  }

  /** All is well again. */
  void clear() throws IOException {
    for (FaultyEndpoint server : servers) {
      server.mood(Mood.WELL);
      server.restart();
    }
    router.updateEndpoints(endpoints(servers, servers.size()));
  }

  /** Whether every drain has ended. */
  boolean isDrained() {
    return drains.stream().allMatch(CompletableFuture::isDone);
  }

  /** Whether everything that can happen has happened. */
  boolean isComplete() {
    return stops > 0 && moods.keySet().containsAll(ILL);
  }

  @Override
  public String toString() {
    return "moods " + moods + ", stops " + stops + ", drains " + drains.size();
  }
}
