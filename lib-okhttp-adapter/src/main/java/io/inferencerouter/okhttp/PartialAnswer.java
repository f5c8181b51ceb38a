package io.inferencerouter.okhttp;

import java.util.List;

/** What was received of a streamed answer that has broken off. Immutable. */
public final class PartialAnswer {
  /** The most characters of data that are kept of one answer: {@value}. */
  public static final int MAX_DATA = 1 << 20;

  private final long bytes;
  private final long events;
  private final List<String> data;

  PartialAnswer(long bytes, long events, List<String> data) {
    this.bytes = bytes;
    this.events = events;
    this.data = List.copyOf(data);
  }

  /** How many bytes of the body were passed on. */
  public long bytes() {
    return bytes;
  }

  /** How many events with data have arrived whole. */
  public long events() {
    return events;
  }

  /**
   * The data of the first of these events, in order, as far as it fits into {@value #MAX_DATA}
   * characters. It is kept for a {@link StreamContinuation} only; without one this is empty, and
   * what was received is with whoever has read it.
   */
  public List<String> data() {
    return data;
  }

  /** Whether {@link #data} is that of all events. */
  public boolean isDataComplete() {
    return data.size() == events;
  }

  /** Numbers only, for what was received may be nobody else's business. */
  @Override
  public String toString() {
    return "PartialAnswer[" + bytes + " bytes, " + events + " events]";
  }
}
