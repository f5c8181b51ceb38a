package io.inferencerouter.core.internal.state;

import io.inferencerouter.LoadReport;
import org.jspecify.annotations.Nullable;

/**
 * What outlives every change of the set of endpoints: the living state of one endpoint, from
 * joining to removal.
 *
 * <p>What is declared about an endpoint is in {@link Member}, and may change while the state stays.
 */
public final class EndpointState {
  /** What picks read and requests change. */
  public final OutstandingWork work = new OutstandingWork();

  private volatile @Nullable LoadReport loadReport;

  /** What the endpoint last said of its own load. */
  public @Nullable LoadReport loadReport() {
    return loadReport;
  }

  /** Notes what it says of its own load; the newest report replaces the one before. */
  public void report(LoadReport report) {
    loadReport = report;
  }
}
