package io.inferencerouter.core.internal.health;

import io.inferencerouter.core.internal.state.Ejection;
import io.inferencerouter.core.internal.state.EndpointState;
import org.jspecify.annotations.Nullable;

/** What the probes of one endpoint have found, in a row. For use by one thread at a time. */
final class ProbeRecord {
  final String id;
  final EndpointState state;

  private int good;
  private int bad;
  private @Nullable Ejection ejection;

  ProbeRecord(String id, EndpointState state) {
    this.id = id;
    this.state = state;
  }

  /**
   * Notes a good probe.
   *
   * @param ejectionNow the ejection of the endpoint, if it is ejected: only probes that began after
   *     it are a reason to end it
   * @return how many there were in a row
   */
  int good(@Nullable Ejection ejectionNow, long startedNanos) {
    bad = 0;
    boolean isNew =
        ejectionNow != null
            && (ejection == null || ejection.sinceNanos() != ejectionNow.sinceNanos());
    ejection = ejectionNow;
    if (isNew) {
      good = 0;
    }
    if (ejectionNow == null || startedNanos - ejectionNow.sinceNanos() >= 0) {
      good++;
    }
    return good;
  }

  /** Notes a bad probe; returns how many there were in a row. */
  int bad() {
    good = 0;
    bad++;
    return bad;
  }
}
