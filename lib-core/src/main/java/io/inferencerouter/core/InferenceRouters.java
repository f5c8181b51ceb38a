package io.inferencerouter.core;

import io.inferencerouter.ActiveProbe;
import io.inferencerouter.CostEstimator;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.RouterListener;
import io.inferencerouter.Ticker;
import io.inferencerouter.core.cost.CostEstimators;
import io.inferencerouter.core.internal.router.PipelineRouter;
import io.inferencerouter.core.internal.router.Settings;
import io.inferencerouter.core.internal.router.Settings.Probing;
import io.inferencerouter.core.selection.Selectors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Makes routers. */
public final class InferenceRouters {
  private InferenceRouters() {}

  /** Starts a router with the default settings and no endpoints. */
  public static Builder builder() {
    return new Builder();
  }

  /** A router with the default settings for some endpoints. */
  public static InferenceRouter of(Endpoint... endpoints) {
    return builder().endpoints(List.of(endpoints)).build();
  }

  /**
   * Builds an {@link InferenceRouter}. The defaults are right for a first user: predicted time
   * decides, text costs what its length says, a request waits a few seconds for a slot, and what
   * failed is repeated elsewhere where that is safe. Not safe for use by several threads at once.
   */
  public static final class Builder {
    /** The default of {@link #queueCapacity}. */
    public static final int DEFAULT_QUEUE_CAPACITY = 1024;

    /** The default of {@link #maxQueueTime}, in seconds. */
    public static final int DEFAULT_MAX_QUEUE_SECONDS = 10;

    /**
     * Input units per second of an endpoint of weight 1, as long as no endpoint declares its speed.
     */
    public static final double DEFAULT_INPUT_RATE = 5_000;

    /**
     * Output units per second of an endpoint of weight 1, as long as no endpoint declares its
     * speed.
     */
    public static final double DEFAULT_OUTPUT_RATE = 50;

    private final List<Endpoint> endpoints = new ArrayList<>();
    private final List<RouterListener> listeners = new ArrayList<>();
    private EndpointSelector selector = Selectors.predictedTime();
    private CostEstimator costEstimator = CostEstimators.text();
    private HardwareProfile defaultProfile =
        HardwareProfile.builder(DEFAULT_INPUT_RATE, DEFAULT_OUTPUT_RATE).build();
    private Ticker ticker = Ticker.system();
    private LongSupplier random = () -> ThreadLocalRandom.current().nextLong();
    private Executor executor = new CompletableFuture<Void>().defaultExecutor();
    private @Nullable Scheduler scheduler;
    private int queueCapacity = DEFAULT_QUEUE_CAPACITY;
    private Duration maxQueueTime = Duration.ofSeconds(DEFAULT_MAX_QUEUE_SECONDS);
    private RetryPolicy retries = RetryPolicy.builder().build();

    private HealthPolicy health = HealthPolicy.standard();
    private SlowStart slowStart = SlowStart.standard();
    private StallPolicy stalls = StallPolicy.standard();
    private LeakPolicy leaks = LeakPolicy.standard();
    private @Nullable Probing probing;

    private Builder() {}

    /** Adds an endpoint. */
    public Builder endpoint(Endpoint endpoint) {
      endpoints.add(Objects.requireNonNull(endpoint, "endpoint"));
      return this;
    }

    /** Adds endpoints. */
    public Builder endpoints(Collection<Endpoint> endpoints) {
      endpoints.forEach(this::endpoint);
      return this;
    }

    /** Sets the balancing policy; by default {@link Selectors#predictedTime()}. */
    public Builder selector(EndpointSelector selector) {
      this.selector = Objects.requireNonNull(selector, "selector");
      return this;
    }

    /** Sets how work is estimated; by default {@link CostEstimators#text()}. */
    public Builder costEstimator(CostEstimator costEstimator) {
      this.costEstimator = Objects.requireNonNull(costEstimator, "costEstimator");
      return this;
    }

    /**
     * Sets the speed of an endpoint of weight 1, for as long as no endpoint declares its own; by
     * default {@value #DEFAULT_INPUT_RATE} input and {@value #DEFAULT_OUTPUT_RATE} output units per
     * second.
     */
    public Builder defaultProfile(HardwareProfile defaultProfile) {
      this.defaultProfile = Objects.requireNonNull(defaultProfile, "defaultProfile");
      return this;
    }

    /** Adds a listener; by default there is none. */
    public Builder listener(RouterListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /** Sets the clock; by default {@link Ticker#system()}. */
    public Builder ticker(Ticker ticker) {
      this.ticker = Objects.requireNonNull(ticker, "ticker");
      return this;
    }

    /**
     * Sets the source of randomness, which must be safe for use by many threads; by default that of
     * the calling thread. One number is drawn for each decision.
     */
    public Builder random(LongSupplier random) {
      this.random = Objects.requireNonNull(random, "random");
      return this;
    }

    /**
     * Sets where continuations of callers run: leases that were waited for, asynchronous attempts,
     * ends of drains. By default that is the default executor of {@link CompletableFuture}. It
     * stays in the hands of its owner.
     */
    public Builder executor(Executor executor) {
      this.executor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    /**
     * Sets what runs time-outs. By default the router starts one daemon thread, named {@value
     * OwnedScheduler#THREAD_NAME}, when it first needs it, and ends it when it is closed.
     */
    public Builder scheduler(Scheduler scheduler) {
      this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
      return this;
    }

    /**
     * Sets how many requests may wait for a slot, 0 to 1000000; by default {@value
     * #DEFAULT_QUEUE_CAPACITY}.
     */
    public Builder queueCapacity(int queueCapacity) {
      if (queueCapacity < 0 || queueCapacity > 1_000_000) {
        throw new IllegalArgumentException(
            "queueCapacity: " + queueCapacity + " (expected: 0 to 1000000)");
      }
      this.queueCapacity = queueCapacity;
      return this;
    }

    /**
     * Sets how long a request waits for a slot at most, unless it says so itself; zero means that
     * requests do not wait. By default {@value #DEFAULT_MAX_QUEUE_SECONDS} seconds, at most one
     * day.
     */
    public Builder maxQueueTime(Duration maxQueueTime) {
      if (maxQueueTime.isNegative() || maxQueueTime.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException(
            "maxQueueTime: " + maxQueueTime + " (expected: PT0S to PT24H)");
      }
      this.maxQueueTime = maxQueueTime;
      return this;
    }

    /**
     * Sets how often, how soon and for how large a share of the requests attempts are repeated; by
     * default as {@link RetryPolicy#builder()} has it. Only what is safe to repeat is repeated.
     */
    public Builder retries(RetryPolicy retries) {
      this.retries = Objects.requireNonNull(retries, "retries");
      return this;
    }

    /**
     * Sets when the answers of an endpoint keep it from requests for a while; by default {@link
     * HealthPolicy#standard()}.
     */
    public Builder health(HealthPolicy health) {
      this.health = Objects.requireNonNull(health, "health");
      return this;
    }

    /**
     * Sets how an endpoint that joins others, or comes back to them, gets its share; by default
     * {@link SlowStart#standard()}.
     */
    public Builder slowStart(SlowStart slowStart) {
      this.slowStart = Objects.requireNonNull(slowStart, "slowStart");
      return this;
    }

    /**
     * Sets when a streaming request counts as stalled, and what is done then; by default {@link
     * StallPolicy#standard()}.
     */
    public Builder stalls(StallPolicy stalls) {
      this.stalls = Objects.requireNonNull(stalls, "stalls");
      return this;
    }

    /** Sets when a lease that is out counts as lost; by default {@link LeakPolicy#standard()}. */
    public Builder leaks(LeakPolicy leaks) {
      this.leaks = Objects.requireNonNull(leaks, "leaks");
      return this;
    }

    /**
     * Has the endpoints probed; by default they are not. Probes run on the router's executor and
     * scheduler, and no request waits for them.
     */
    public Builder probe(ActiveProbe probe, ProbePolicy policy) {
      this.probing =
          new Probing(
              Objects.requireNonNull(probe, "probe"), Objects.requireNonNull(policy, "policy"));
      return this;
    }

    /**
     * Builds the router.
     *
     * @throws IllegalArgumentException if two endpoints have the same id, or the cost estimator's
     *     {@link CostEstimator#doublingInput} is not above zero
     */
    public InferenceRouter build() {
      double doubling = costEstimator.doublingInput();
      if (!(doubling > 0)) {
        throw new IllegalArgumentException(
            "doublingInput of the cost estimator: " + doubling + " (expected: above 0)");
      }
      Scheduler used = scheduler;
      Runnable onClose = () -> {};
      if (used == null) {
        OwnedScheduler owned = new OwnedScheduler();
        used = owned;
        onClose = owned::close;
      }
      return new PipelineRouter(
          new Settings(
              selector,
              costEstimator,
              defaultProfile,
              List.copyOf(listeners),
              ticker,
              random,
              executor,
              used,
              queueCapacity,
              maxQueueTime,
              retries,
              health,
              slowStart,
              stalls,
              leaks,
              probing,
              onClose),
          List.copyOf(endpoints));
    }
  }
}
