package io.inferencerouter.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CoarseTickerTest {
  @Test
  void itFollowsItsSourceAndStandsStillWhenClosed() {
    AtomicLong source = new AtomicLong(5);
    CoarseTicker ticker = CoarseTicker.start(source::get, Duration.ofNanos(100_000));
    assertThat(ticker.nanos()).isEqualTo(5);

    source.set(77);
    while (ticker.nanos() != 77) {
      Thread.onSpinWait();
    }
    ticker.close();
    while (isRunning()) {
      Thread.onSpinWait();
    }
    source.set(99);

    assertThat(ticker.nanos()).isEqualTo(77);
  }

  private static boolean isRunning() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(t -> t.getName().equals(CoarseTicker.THREAD_NAME) && t.isAlive());
  }
}
