package io.inferencerouter.grpc.internal.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class StepsTest {
  private final Steps steps = new Steps();
  private final List<Integer> done = new ArrayList<>();

  @Test
  void aStepThatBringsAnotherIsDoneFirst() {
    steps.run(
        () -> {
          steps.run(() -> done.add(2));
          done.add(1);
        });
    assertThat(done).containsExactly(1, 2);
  }

  @Test
  void whatComesWhileAStepIsUnderWayIsDoneWhenItEnds() {
    assertThat(steps.enter()).isTrue();
    assertThat(steps.enter()).isFalse();
    steps.run(() -> done.add(2));
    done.add(1);
    steps.leave();
    assertThat(done).containsExactly(1, 2);
    assertThat(steps.enter()).isTrue();
    steps.leave();
  }

  @Test
  void aStepThatThrowsDoesNotStopTheOthers() {
    assertThatThrownBy(
            () ->
                steps.run(
                    () -> {
                      steps.run(
                          () -> {
                            throw new IllegalArgumentException("second");
                          });
                      steps.run(() -> done.add(3));
                      throw new IllegalStateException("first");
                    }))
        .hasMessage("first")
        .hasSuppressedException(new IllegalArgumentException("second"));
    steps.run(() -> done.add(4));
    assertThat(done).containsExactly(3, 4);
  }

  @RepeatedTest(20)
  void stepsOfManyThreadsAreDoneOneAtATimeAndEachThreadsInItsOrder() throws Exception {
    int threads = 4;
    int each = 200_000;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    List<Future<?>> all = new ArrayList<>();
    try {
      for (int t = 0; t < threads; t++) {
        int thread = t;
        all.add(
            executor.submit(
                () -> {
                  for (int i = 0; i < each; i++) {
                    int number = i * threads + thread;
                    if (i % 2 == 0 && steps.enter()) {
                      done.add(number);
                      steps.leave();
                    } else {
                      steps.run(() -> done.add(number));
                    }
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(done).hasSize(threads * each);
    int[] next = {0, 0, 0, 0};
    int outOfOrder = 0;
    for (int number : done) {
      outOfOrder += number / threads == next[number % threads]++ ? 0 : 1;
    }
    assertThat(outOfOrder).isZero();
  }
}
