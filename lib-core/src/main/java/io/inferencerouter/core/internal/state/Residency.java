package io.inferencerouter.core.internal.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Whether an endpoint has a model loaded, and what loading it takes.
 *
 * <p>A model that is declared with a load time is absent at first. The first request for it is its
 * loader: it reserves the load time, so those behind it wait for the load without paying for one of
 * their own. Its first output proves that the model is there; a loader that ends without one leaves
 * the model absent. How long the load took in truth is remembered for the next time, half from the
 * newest load and half from those before.
 *
 * <p>A model becomes absent again when the endpoint comes back from a drain or an ejection, as it
 * may have been restarted, and when it makes room for another one where the endpoint declares how
 * many it holds.
 *
 * <p>The state changes by compare-and-set; losing such a race means that somebody else has made the
 * same discovery.
 */
public final class Residency {
  private static final int ABSENT = 0;
  private static final int LOADING = 1;
  private static final int RESIDENT = 2;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Residency.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ModelService service;
  private volatile int state;
  private volatile float loadSeconds;
  private volatile long lastUsedNanos;
  private volatile float declaredSeconds;

  Residency(ModelService service, float loadSeconds) {
    this.service = service;
    this.declaredSeconds = loadSeconds;
    this.loadSeconds = loadSeconds;
    this.state = loadSeconds == 0 ? RESIDENT : ABSENT;
  }

  /** Takes note of the load time that is declared now, if it is another one than before. */
  void declare(float loadSeconds) {
    float before = declaredSeconds;
    if (loadSeconds != before) {
      declaredSeconds = loadSeconds;
      this.loadSeconds = loadSeconds;
      if (loadSeconds == 0) {
        state = RESIDENT;
      } else if (before == 0) {
        state = ABSENT;
      }
      service.publish();
    }
  }

  /** Whether the model is loaded, or never has to be. */
  public boolean isResident() {
    return state == RESIDENT;
  }

  /** Seconds for loading the model, resident or not; 0 if it never has to be loaded. */
  public float loadSeconds() {
    return loadSeconds;
  }

  /** Whether the model ever has to be loaded. */
  public boolean isLoadable() {
    return loadSeconds > 0;
  }

  /** Makes the caller the loader, if the model is absent. */
  public boolean startLoading() {
    return change(ABSENT, LOADING);
  }

  /** The loader has seen its first output, after that much time spent on loading. */
  public void loaded(double seconds) {
    if (seconds > 0 && isLoadable()) {
      loadSeconds = (float) (0.5 * loadSeconds + 0.5 * seconds);
    }
    change(LOADING, RESIDENT);
  }

  /** The loader has ended without an output. */
  public void loadingFailed() {
    change(LOADING, ABSENT);
  }

  /** The model has to be loaded again before its next use. */
  public void unloaded() {
    if (isLoadable()) {
      change(RESIDENT, ABSENT);
    }
  }

  private boolean change(int from, int to) {
    boolean changed = state == from && STATE.compareAndSet(this, from, to);
    if (changed) {
      service.publish();
    }
    return changed;
  }

  /** When the model was last asked for. */
  long lastUsedNanos() {
    return lastUsedNanos;
  }

  /** Notes that the model is asked for. */
  void used(long nowNanos) {
    lastUsedNanos = nowNanos;
  }

  /** Whether somebody is loading the model. */
  public boolean isLoading() {
    return state == LOADING;
  }

  /**
   * Seconds that the next request has to wait for the model, beside what is reserved. The load that
   * is under way is part of the reserved input, and nobody waits for that as long as inputs are
   * read side by side; so there it counts for everybody.
   */
  public float pendingLoadSeconds() {
    int now = state;
    return now == ABSENT || (now == LOADING && service.readsSideBySide()) ? loadSeconds : 0;
  }
}
