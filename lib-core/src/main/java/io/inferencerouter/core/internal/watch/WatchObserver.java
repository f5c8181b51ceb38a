package io.inferencerouter.core.internal.watch;

import io.inferencerouter.AttemptStalled;
import io.inferencerouter.LeaseReclaimed;
import java.util.concurrent.RejectedExecutionException;

/** Hears what comes out of watching. */
public interface WatchObserver {
  /** A stream makes no progress. */
  void stalled(AttemptStalled event);

  /** A lease was taken for lost, and was ended. */
  void reclaimed(LeaseReclaimed event);

  /** The scheduler takes no more tasks, so that nothing is watched for now. */
  void taskRejected(RejectedExecutionException failure);
}
