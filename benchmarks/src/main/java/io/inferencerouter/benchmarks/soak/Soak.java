package io.inferencerouter.benchmarks.soak;

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

/**
 * Mixed faults in real time: real servers on loopback that fail in every way, restart, come and go
 * beneath routers with their defaults; beneath one of them calls over OkHttp, beneath the other
 * over gRPC, at the same time.
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
  private static final int CALLERS = 5;
  private static final int SAMPLES = 40;
  private static final Duration BETWEEN_CHANGES = Duration.ofMillis(150);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Duration duration;
  private final long seed;
  private final List<Side> sides = new ArrayList<>();
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
    try {
      sides.add(Side.overHttp(serving, timer, seed));
      sides.add(Side.overGrpc(serving, timer, seed));
      AtomicBoolean calls = new AtomicBoolean(true);
      for (Side side : sides) {
        for (int i = 0; i < CALLERS; i++) {
          calling.execute(side.caller(seed + i, calls::get));
        }
      }
      endure();
      for (Side side : sides) {
        side.weather.clear();
      }
      calls.set(false);
      calling.shutdown();
      if (!calling.awaitTermination(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        problems.add("callers: still waiting for answers (expected: all have returned)");
      }
      for (Side side : sides) {
        check(side);
      }
      problems.addAll(Resources.growth(samples));
    } finally {
      for (Side side : sides) {
        side.close();
      }
      serving.shutdownNow();
      calling.shutdownNow();
      timer.shutdownNow();
    }
  }

  /** Lets things happen, and looks at the resources from time to time. */
  private void endure() throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (System.nanoTime() - start < duration.toNanos()) {
      TimeUnit.NANOSECONDS.sleep(BETWEEN_CHANGES.toNanos());
      for (Side side : sides) {
        side.weather.change();
      }
      long elapsed = System.nanoTime() - start;
      if (elapsed > (samples.size() + 1) * (duration.toNanos() / SAMPLES)) {
        Resources sample = Resources.now();
        samples.add(sample);
        StringBuilder line = new StringBuilder();
        for (Side side : sides) {
          line.append(
              String.format(
                  "  %s: %,d calls, %,d answered;",
                  side.name, side.tally.calls(), side.tally.answered.sum()));
        }
        System.out.printf("%5d s%s %s%n", TimeUnit.NANOSECONDS.toSeconds(elapsed), line, sample);
      }
    }
  }

  private void check(Side side) throws InterruptedException {
    System.out.println(side);
    Tally tally = side.tally;
    expect(side, awaited(side::isZero), "counters: " + side.snapshot().endpoints());
    expect(side, awaited(side.weather::isDrained), "drains: some have not ended");
    expect(side, tally.misjudged.sum() == 0, "safe requests taken for unsafe: " + tally.misjudged);
    expect(
        side,
        tally.failedSafe.sum() <= tally.limited.sum(),
        "lost: "
            + tally.failedSafe
            + " failed, limits reached: "
            + tally.limited
            + "; reasons: "
            + tally.reasons());
    expect(
        side, tally.retried.sum() > 0 && tally.ejections.sum() > 0, "retries or ejections: none");
    expect(side, side.weather.isComplete(), "faults: some never happened: " + side.weather);
    expect(side, 2 * tally.answered.sum() > tally.calls(), "answered: less than half");
  }

  private void expect(Side side, boolean isRight, String otherwise) {
    if (!isRight) {
      problems.add(side.name + ": " + otherwise);
    }
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
