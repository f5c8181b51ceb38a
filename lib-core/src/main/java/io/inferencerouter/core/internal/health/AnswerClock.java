package io.inferencerouter.core.internal.health;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Time that is told in answers: a second is {@value #ANSWERS_PER_SECOND} of them. Not for use by
 * several threads at once.
 */
final class AnswerClock extends Clock {
  static final int ANSWERS_PER_SECOND = 10;

  private long answers;

  /** Another answer begins. */
  void tick() {
    answers++;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochSecond(answers / ANSWERS_PER_SECOND);
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
