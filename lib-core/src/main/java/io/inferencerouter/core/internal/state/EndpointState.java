package io.inferencerouter.core.internal.state;

import io.inferencerouter.LoadReport;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What outlives every change of the set of endpoints: the living state of one endpoint, from
 * joining to removal.
 *
 * <p>What is declared about an endpoint is in {@link Member}, and may change while the state stays.
 */
public final class EndpointState {
  private static final VarHandle WARM;

  static {
    try {
      WARM = MethodHandles.lookup().findVarHandle(EndpointState.class, "warm", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The requests on the endpoint, and its failures. */
  public final OutstandingWork work = new OutstandingWork();

  @SuppressWarnings("unused") // accessed through WARM
  private volatile boolean warm;

  private volatile @Nullable LoadReport loadReport;

  /** Whether it has answered a request since it joined or came back. */
  public boolean isWarm() {
    return (boolean) WARM.getOpaque(this);
  }

  /**
   * Notes that it has answered a request.
   *
   * @return whether this was the first
   */
  public boolean warmedUp() {
    return !isWarm() && WARM.compareAndSet(this, false, true);
  }

  /** Makes it prove itself again. */
  public void cool() {
    warm = false;
  }

  /** What it last said of its own load. */
  public @Nullable LoadReport loadReport() {
    return loadReport;
  }

  /** Notes what it says of its own load; the newest report replaces the one before. */
  public void report(LoadReport report) {
    loadReport = report;
  }
}
