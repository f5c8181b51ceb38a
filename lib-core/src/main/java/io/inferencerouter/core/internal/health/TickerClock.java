package io.inferencerouter.core.internal.health;

import io.inferencerouter.Ticker;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The injected time as a clock; its instants mean nothing but their differences. */
final class TickerClock extends Clock {
  private final Ticker ticker;
  private final long startNanos;

  TickerClock(Ticker ticker) {
    this.ticker = ticker;
    this.startNanos = ticker.nanos();
  }

  @Override
  public Instant instant() {
    return Instant.EPOCH.plusNanos(ticker.nanos() - startNanos);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
