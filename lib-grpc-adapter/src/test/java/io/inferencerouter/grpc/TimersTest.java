package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.testing.Waiting;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TimersTest {
  private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONG = TimeUnit.HOURS.toNanos(1);

  private final Timers timers = Timers.of(null);
  private final BlockingQueue<Thread> ran = new LinkedBlockingQueue<>();

  private void tell() {
    ran.add(Thread.currentThread());
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(Timers.THREAD_NAME))
        .collect(Collectors.toSet());
  }

  private static void awaitEnd(Thread thread) {
    Waiting.until(() -> !thread.isAlive(), "the thread to end");
  }

  @Test
  void whatIsScheduledWhenItIsClosedIsStillDone() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    assertThat(timers.schedule(0, () -> awaitQuietly(closed))).isNotNull(); // the next has to wait
    assertThat(timers.schedule(SHORT, this::tell)).isNotNull();

    timers.close();
    closed.countDown();

    awaitEnd(Waiting.take(ran, "the task"));
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it was shut down under what it had to do
    }
  }

  @Test
  void whatIsScheduledAfterItWasClosedIsDoneAsWell() throws Exception {
    timers.close();

    assertThat(timers.schedule(SHORT, this::tell)).isNotNull();

    awaitEnd(Waiting.take(ran, "the task"));
  }

  @Test
  void whatIsScheduledIsWaitedForWithoutWakingUpAllTheTime() throws Exception {
    assertThat(timers.schedule(SHORT, this::tell)).isNotNull();
    Thread thread = Waiting.take(ran, "the thread to be there");
    assertThat(timers.schedule(TimeUnit.MILLISECONDS.toNanos(700), this::tell)).isNotNull();
    timers.close();
    long before = waits(thread);

    assertThat(Waiting.take(ran, "the task")).isSameAs(thread);

    assertThat(waits(thread) - before).as("how often it went to sleep").isLessThan(5);
  }

  private static long waits(Thread thread) {
    ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(thread.getId());
    assertThat(info).as("the living thread").isNotNull();
    return info.getWaitedCount();
  }

  @Test
  void whatIsTakenBackKeepsNoThread() throws Exception {
    Set<Thread> others = threads();
    Scheduler.Cancellation late = timers.schedule(LONG, this::tell);
    assertThat(late).isNotNull();
    Set<Thread> own = threads();
    own.removeAll(others);
    assertThat(own).hasSize(1);
    timers.close();

    late.cancel();

    own.forEach(TimersTest::awaitEnd);
  }
}
