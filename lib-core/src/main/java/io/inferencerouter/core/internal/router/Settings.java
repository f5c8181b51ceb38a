package io.inferencerouter.core.internal.router;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.RouterListener;
import io.inferencerouter.Ticker;
import io.inferencerouter.core.RetryPolicy;
import io.inferencerouter.core.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** Everything a router is built from, complete and checked. */
public record Settings(
    EndpointSelector selector,
    CostEstimator costEstimator,
    HardwareProfile defaultProfile,
    List<RouterListener> listeners,
    Ticker ticker,
    LongSupplier random,
    Executor executor,
    Scheduler scheduler,
    int queueCapacity,
    Duration maxQueueTime,
    RetryPolicy retries,
    Runnable onClose) {

  /** By which share reading takes longer for each unit of input. */
  double inputGrowth() {
    return 1 / costEstimator.doublingInput();
  }
}
