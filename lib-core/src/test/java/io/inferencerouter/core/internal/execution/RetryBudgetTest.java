package io.inferencerouter.core.internal.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long START = Long.parseLong("9223372035854775807");

  private static int spendAll(RetryBudget budget, long nowNanos) {
    int spent = 0;
    while (spent < 1_000_000 && budget.trySpend(nowNanos)) {
      spent++;
    }
    return spent;
  }

  private final LongAdder seen = new LongAdder();

  private RetryBudget budget(double ratio, double minimumPerSecond) {
    return new RetryBudget(ratio, minimumPerSecond, seen, START);
  }

  @Test
  void theRepetitionsOfOneSecondAreFree() {
    RetryBudget budget = budget(0.1, 10);

    assertThat(spendAll(budget, START)).isEqualTo(10);
    assertThat(spendAll(budget, START + SECOND / 2)).isEqualTo(5);
    assertThat(spendAll(budget, START + 100 * SECOND)).isEqualTo(10);
  }

  @Test
  void requestsEarnTheirPart() {
    RetryBudget budget = budget(0.1, 0);
    seen.add(1000);

    assertThat(budget.left(START + SECOND)).isCloseTo(100, within(1e-9));
    assertThat(spendAll(budget, START + SECOND)).isEqualTo(100);
  }

  @Test
  void whatWasEarnedLongAgoIsGone() {
    RetryBudget budget = budget(0.1, 0);
    seen.add(100_000);

    // Ten of the hundred seconds count.
    assertThat(spendAll(budget, START + 100 * SECOND)).isEqualTo(1000);
    assertThat(spendAll(budget, START + 200 * SECOND)).isZero();
  }

  @Test
  void whatIsEarnedFades() {
    RetryBudget budget = budget(0.1, 0);
    seen.add(1010);
    assertThat(budget.trySpend(START)).isTrue();

    assertThat(budget.left(START + 5 * SECOND)).isCloseTo(50, within(1e-9));
    assertThat(budget.left(START + 10 * SECOND)).isZero();
  }

  @Test
  void nothingIsFreeWhereNothingIsGranted() {
    RetryBudget budget = budget(0, 0);
    seen.add(1000);

    assertThat(budget.trySpend(START + SECOND)).isFalse();
  }

  /** Each step is milliseconds, requests, and tries to repeat. */
  @Property(tries = 200)
  void moreIsNeverSpentThanWasEarnedAndFree(
      @ForAll @Size(min = 1, max = 200) List<@IntRange(max = 2_000_000) Integer> steps) {
    LongAdder counted = new LongAdder();
    RetryBudget budget = new RetryBudget(0.1, 10, counted, START);
    long now = START;
    long requests = 0;
    long spent = 0;
    for (int step : steps) {
      now += (step % 997) * 1_000_000L;
      int came = step % 53;
      requests += came;
      counted.add(came);
      for (int i = 0; i < step % 29; i++) {
        spent += budget.trySpend(now) ? 1 : 0;
      }
      double seconds = (now - START) * 1e-9;
      assertThat((double) spent).isLessThanOrEqualTo(0.1 * requests + 10 * (seconds + 1) + 1e-6);
    }
  }

  @Test
  void threadsThatSpendAtTheSameTimeSpendNoMore() throws Exception {
    RetryBudget budget = budget(1, 0);
    seen.add(50_000);
    AtomicInteger spent = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread = new Thread(() -> spent.addAndGet(spendAll(budget, START)));
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(spent).hasValue(50_000);
  }
}
