package io.inferencerouter.benchmarks.soak;

import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.RouterSnapshot;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.okhttp.RoutingCallFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import okhttp3.OkHttpClient;

/**
 * Mixed faults in real time: real servers on loopback that fail in every way, restart, come and go
 * beneath a router with its defaults and calls over OkHttp.
 *
 * <p>In the end all counters have to be exactly zero, heap, threads and sockets flat, and no call
 * failed that could be made again safely, unless the router said which limit was reached.
 *
 * <p>Run it with {@code java -cp benchmarks/target/benchmarks.jar
 * io.inferencerouter.benchmarks.soak.Soak [duration] [seed]}, the duration as in {@code PT30M}. It
 * exits with 1 if anything is not as it should be.
 */
public final class Soak {
  private static final String DEFAULT_DURATION = "PT30M";
  private static final int SERVERS = 6;
  private static final int CALLERS = 8;
  private static final int SAMPLES = 40;
  private static final Duration BETWEEN_CHANGES = Duration.ofMillis(150);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Duration duration;
  private final long seed;
  private final Tally tally = new Tally();
  private final List<Resources> samples = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  private Soak(Duration duration, long seed) {
    this.duration = duration;
    this.seed = seed;
  }

  /** Runs, prints what it sees, and exits with 1 if anything is not as it should be. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Duration duration = Duration.parse(args.length > 0 ? args[0] : DEFAULT_DURATION);
    Soak soak = new Soak(duration, args.length > 1 ? Long.parseLong(args[1]) : 1);
    Resources before = Resources.now();
    soak.run();
    if (!awaited(() -> Resources.now().isBackTo(before))) {
      soak.problems.add(
          "after closing: " + Resources.now() + " (expected: as before, " + before + ")");
    }
    soak.problems.forEach(problem -> System.out.println("PROBLEM " + problem));
    System.out.println(soak.problems.isEmpty() ? "soak: passed" : "soak: failed");
    System.exit(soak.problems.isEmpty() ? 0 : 1);
  }

  private void run() throws IOException, InterruptedException {
    ExecutorService serving = daemons("soak-server");
    ExecutorService calling = daemons("soak-caller");
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    OkHttpClient client =
        new OkHttpClient.Builder()
            .connectTimeout(Duration.ofSeconds(1))
            .readTimeout(Duration.ofSeconds(1))
            .build();
    List<FaultyServer> servers = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      servers.add(new FaultyServer("server-" + i, serving));
    }
    InferenceRouter router =
        InferenceRouters.builder()
            .endpoints(Weather.endpoints(servers, SERVERS))
            .health(
                HealthPolicy.builder()
                    .ejection(Duration.ofMillis(500), Duration.ofSeconds(4))
                    .build())
            .listener(tally)
            .build();
    Weather weather = new Weather(servers, router, seed);
    try (router) {
      AtomicBoolean calls = new AtomicBoolean(true);
      for (int i = 0; i < CALLERS; i++) {
        calling.execute(
            new Caller(
                RoutingCallFactory.create(router, client), tally, seed + i, timer, calls::get));
      }
      endure(weather);
      weather.clear();
      calls.set(false);
      calling.shutdown();
      if (!calling.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        problems.add("callers: still waiting for answers (expected: all have returned)");
      }
      check(router, weather);
    } finally {
      for (FaultyServer server : servers) {
        server.close();
      }
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
      serving.shutdownNow();
      calling.shutdownNow();
      timer.shutdownNow();
    }
  }

  /** Lets things happen, and looks at the resources from time to time. */
  private void endure(Weather weather) throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (System.nanoTime() - start < duration.toNanos()) {
      TimeUnit.NANOSECONDS.sleep(BETWEEN_CHANGES.toNanos());
      weather.change();
      long elapsed = System.nanoTime() - start;
      if (elapsed > (samples.size() + 1) * (duration.toNanos() / SAMPLES)) {
        Resources sample = Resources.now();
        samples.add(sample);
        System.out.printf(
            "%5d s  %,d calls, %,d answered; %s%n",
            TimeUnit.NANOSECONDS.toSeconds(elapsed), tally.calls(), tally.answered.sum(), sample);
      }
    }
  }

  private void check(InferenceRouter router, Weather weather) throws InterruptedException {
    System.out.printf(
        "calls %,d: answered %,d, cut %,d, given up %,d, failed %,d; of these safe to repeat %,d,"
            + " limits reached %,d; retried %,d, ejections %,d; %s%n",
        tally.calls(),
        tally.answered.sum(),
        tally.cut.sum(),
        tally.cancelled.sum(),
        tally.failed.sum(),
        tally.failedSafe.sum(),
        tally.limited.sum(),
        tally.retried.sum(),
        tally.ejections.sum(),
        weather);
    expect(awaited(() -> isZero(router.snapshot())), "counters: " + router.snapshot().endpoints());
    expect(awaited(weather::isDrained), "drains: some have not ended");
    expect(tally.misjudged.sum() == 0, "safe requests taken for unsafe: " + tally.misjudged);
    expect(
        tally.failedSafe.sum() <= tally.limited.sum(),
        "lost: " + tally.failedSafe + " failed, limits reached: " + tally.limited);
    expect(tally.retried.sum() > 0 && tally.ejections.sum() > 0, "retries or ejections: none");
    expect(weather.isComplete(), "faults: some never happened: " + weather);
    expect(2 * tally.answered.sum() > tally.calls(), "answered: less than half");
    problems.addAll(Resources.growth(samples));
  }

  private void expect(boolean isRight, String otherwise) {
    if (!isRight) {
      problems.add(otherwise);
    }
  }

  private static boolean isZero(RouterSnapshot snapshot) {
    return snapshot.queued() == 0 && snapshot.endpoints().stream().allMatch(Soak::isZero);
  }

  private static boolean isZero(EndpointSnapshot endpoint) {
    return endpoint.inFlight() == 0
        && endpoint.reservedInput().isZero()
        && endpoint.reservedOutput().isZero()
        && endpoint.reservedMemory() == 0;
  }

  /** Looks again for a while, as what was given up ends on threads of its own. */
  private static boolean awaited(BooleanSupplier condition) throws InterruptedException {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    return true;
  }

  private static ExecutorService daemons(String name) {
    return Executors.newCachedThreadPool(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }
}
