package io.inferencerouter.core.internal.router;

import io.inferencerouter.ActiveProbe;
import io.inferencerouter.CostEstimator;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.RouterListener;
import io.inferencerouter.Ticker;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.LeakPolicy;
import io.inferencerouter.core.ProbePolicy;
import io.inferencerouter.core.RetryPolicy;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.SlowStart;
import io.inferencerouter.core.StallPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

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
    HealthPolicy health,
    SlowStart slowStart,
    StallPolicy stalls,
    LeakPolicy leaks,
    @Nullable Probing probing,
    Runnable onClose) {

  /** By what, and how often, endpoints are probed. */
  public record Probing(ActiveProbe probe, ProbePolicy policy) {}

  /** By which share reading takes longer for each unit of input. */
  double inputGrowth() {
    return 1 / costEstimator.doublingInput();
  }
}
