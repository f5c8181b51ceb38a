package io.inferencerouter.core.internal.health;

import io.inferencerouter.EjectionWithheld;
import java.util.concurrent.RejectedExecutionException;

/** Hears of what does not change the membership. */
public interface HealthObserver {
  /** An endpoint would have been ejected. */
  void withheld(EjectionWithheld event);

  /** A probe threw. */
  void probeFailed(Throwable thrown);

  /** The scheduler refused a task. */
  void taskRejected(RejectedExecutionException failure);
}
