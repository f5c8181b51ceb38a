package io.inferencerouter.benchmarks.simulation.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Does independent work on some threads. What comes out is in the order of what goes in, however
 * many threads there are. After the first failure nothing new is begun.
 */
public final class Workers {
  private final int threads;

  /** So many threads at a time, which end with the work. */
  public Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: 1 or more)");
    }
    this.threads = threads;
  }

  /** Does all the work, or what can be done until some of it fails. */
  public <I, O> Outcome<O> each(List<I> inputs, Function<I, O> work) {
    AtomicInteger number = new AtomicInteger();
    ExecutorService executor =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "simulator-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    try {
      AtomicBoolean stopped = new AtomicBoolean();
      List<Future<O>> futures = new ArrayList<>();
      for (I input : inputs) {
        futures.add(executor.submit(() -> one(input, work, stopped)));
      }
      return collect(inputs, futures);
    } finally {
      executor.shutdownNow();
    }
  }

  private static <I, O> O one(I input, Function<I, O> work, AtomicBoolean stopped) {
    if (stopped.get()) {
      throw new CancellationException("not begun");
    }
    try {
      return work.apply(input);
    } catch (RuntimeException | Error e) {
      stopped.set(true);
      throw e;
    }
  }

  private static <I, O> Outcome<O> collect(List<I> inputs, List<Future<O>> futures) {
    List<O> results = new ArrayList<>();
    Optional<Outcome.Failure> failure = Optional.empty();
    for (int i = 0; i < futures.size(); i++) {
      try {
        results.add(futures.get(i).get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failure = Optional.of(new Outcome.Failure(String.valueOf(inputs.get(i)), e));
        break;
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        if (failure.isEmpty() && !(cause instanceof CancellationException)) {
          failure = Optional.of(new Outcome.Failure(String.valueOf(inputs.get(i)), cause));
        }
      }
    }
    return new Outcome<>(results, inputs.size(), failure);
  }
}
