package io.inferencerouter.core.internal.router;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.RouterListener;
import io.inferencerouter.Ticker;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.SlowStart;
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
    HealthPolicy health,
    SlowStart slowStart,
    Runnable onClose) {}
