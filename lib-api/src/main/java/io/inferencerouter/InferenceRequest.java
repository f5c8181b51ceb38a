package io.inferencerouter;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the router knows of a request before it is sent: everything that matters for choosing an
 * endpoint, and nothing of its content.
 *
 * <p>Immutable. One instance may be used for any number of calls, also concurrently; all times in
 * it are relative to the moment at which a lease is asked for.
 */
public final class InferenceRequest {
  /** {@link #outputLimit()} of a request that sets none. */
  public static final long NO_LIMIT = -1;

  /** The largest input size or output limit that is accepted; anything above it is a mistake. */
  public static final long MAX_SIZE = 1L << 40;

  private static final long UNKNOWN_SIZE = -1;
  private static final InputUnit[] UNITS = InputUnit.values();
  private static final InferenceRequest ANY_MODEL = new Builder("").build();

  private final String model;
  private final String modelVersion;
  private final String tenant;
  private final String task;
  private final String session;
  private final long[] prefixKeys;
  private final long[] sizes;
  private final long outputLimit;
  private final Priority priority;
  private final Set<String> allowedRegions;
  private final List<String> fallbackModels;
  private final @Nullable Duration deadline;
  private final @Nullable Duration maxQueueTime;
  private final boolean streaming;
  private final boolean idempotent;
  private final boolean replayable;
  private final boolean hedgeable;

  private InferenceRequest(Builder builder) {
    model = builder.model;
    modelVersion = builder.modelVersion;
    tenant = builder.tenant;
    task = builder.task;
    session = builder.session;
    prefixKeys = builder.prefixKeys; // the builder never changes what it has
    sizes = builder.sizes.clone();
    outputLimit = builder.outputLimit;
    priority = builder.priority;
    allowedRegions = builder.allowedRegions;
    fallbackModels = builder.fallbackModels;
    deadline = builder.deadline;
    maxQueueTime = builder.maxQueueTime;
    streaming = builder.streaming;
    idempotent = builder.idempotent;
    replayable = builder.replayable;
    hedgeable = builder.hedgeable;
  }

  /**
   * Starts a request for a model.
   *
   * @param model the model's name as the endpoints declare it; not blank, no control characters
   */
  public static Builder forModel(String model) {
    return new Builder(Require.name("model", model));
  }

  /** Starts a request that any endpoint can serve, whatever models it declares. */
  public static Builder forAnyModel() {
    return new Builder("");
  }

  /** A request of unknown size that any endpoint can serve. */
  public static InferenceRequest anyModel() {
    return ANY_MODEL;
  }

  /** The model asked for; empty when any endpoint will do. */
  public String model() {
    return model;
  }

  /** The version of the model that is required; empty (the default) when any version will do. */
  public String modelVersion() {
    return modelVersion;
  }

  /** On whose behalf the request is made; empty (the default) when there is only one tenant. */
  public String tenant() {
    return tenant;
  }

  /**
   * The kind of work, such as {@code chat}, {@code embedding} or {@code transcription}; empty (the
   * default) when kinds are not told apart. It restricts nothing: how much output to expect is
   * learned for each model, tenant and task.
   */
  public String task() {
    return task;
  }

  /**
   * The key of the conversation this request belongs to; empty (the default) when it stands alone.
   */
  public String session() {
    return session;
  }

  /** How many prefix keys there are. */
  public int prefixKeyCount() {
    return prefixKeys.length;
  }

  /**
   * A prefix key: the chained hash of the prompt up to and including block {@code index}. Equal
   * keys mean an equal prompt up to there, so that an endpoint which has that prefix cached can
   * skip it.
   */
  public long prefixKey(int index) {
    return prefixKeys[index];
  }

  @SuppressWarnings("EnumOrdinal") // an index into arrays that never leave this class
  private static int slot(InputUnit unit) {
    return unit.ordinal();
  }

  /** Whether the size of the input is known in {@code unit}. */
  public boolean hasInput(InputUnit unit) {
    return sizes[slot(unit)] != UNKNOWN_SIZE;
  }

  /** The size of the input in {@code unit}; 0 when it is not known. */
  public long input(InputUnit unit) {
    return Math.max(0, sizes[slot(unit)]);
  }

  /**
   * An upper bound for the output, in the model's output units; {@link #NO_LIMIT} ({@value
   * #NO_LIMIT}) when unknown.
   */
  public long outputLimit() {
    return outputLimit;
  }

  /** The priority tier; by default {@link Priority#STANDARD}. */
  public Priority priority() {
    return priority;
  }

  /** The regions in which the request may be processed; empty (the default) means every region. */
  public Set<String> allowedRegions() {
    return allowedRegions;
  }

  /** Models that may answer in the place of {@link #model()}, best first, when that one cannot. */
  public List<String> fallbackModels() {
    return fallbackModels;
  }

  /**
   * How long after the lease is asked for the answer is still of use; empty (the default) means
   * without limit.
   */
  public Optional<Duration> deadline() {
    return Optional.ofNullable(deadline);
  }

  /**
   * How long the request may wait for a free slot; empty (the default) means the router's own
   * limit.
   */
  public Optional<Duration> maxQueueTime() {
    return Optional.ofNullable(maxQueueTime);
  }

  /** Whether the answer arrives as a stream. */
  public boolean streaming() {
    return streaming;
  }

  /** Whether processing the request twice does no harm. */
  public boolean idempotent() {
    return idempotent;
  }

  /** Whether the request can be sent again as long as nothing of an answer has been received. */
  public boolean replayable() {
    return replayable;
  }

  /** Whether the request may be sent to a second endpoint while the first has not answered. */
  public boolean hedgeable() {
    return hedgeable;
  }

  /** A builder that starts with the values of this request. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof InferenceRequest that
        && model.equals(that.model)
        && modelVersion.equals(that.modelVersion)
        && tenant.equals(that.tenant)
        && task.equals(that.task)
        && session.equals(that.session)
        && Arrays.equals(prefixKeys, that.prefixKeys)
        && Arrays.equals(sizes, that.sizes)
        && outputLimit == that.outputLimit
        && priority == that.priority
        && allowedRegions.equals(that.allowedRegions)
        && fallbackModels.equals(that.fallbackModels)
        && Objects.equals(deadline, that.deadline)
        && Objects.equals(maxQueueTime, that.maxQueueTime)
        && streaming == that.streaming
        && idempotent == that.idempotent
        && replayable == that.replayable
        && hedgeable == that.hedgeable;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        model, modelVersion, tenant, task, session, Arrays.hashCode(sizes), outputLimit);
  }

  /** A short text for logs; session and prefix keys are left out. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("InferenceRequest[");
    text.append(model.isEmpty() ? "any model" : model);
    if (!modelVersion.isEmpty()) {
      text.append('@').append(modelVersion);
    }
    if (!tenant.isEmpty()) {
      text.append(", tenant ").append(tenant);
    }
    if (!task.isEmpty()) {
      text.append(", task ").append(task);
    }
    text.append(", ").append(priority);
    for (InputUnit unit : UNITS) {
      if (hasInput(unit)) {
        text.append(", ").append(input(unit)).append(' ').append(unit);
      }
    }
    if (outputLimit != NO_LIMIT) {
      text.append(", output ≤ ").append(outputLimit);
    }
    return text.append(streaming ? ", streaming]" : "]").toString();
  }

  /** Builds an {@link InferenceRequest}. Not safe for use by several threads at once. */
  public static final class Builder {
    private static final long[] NO_KEYS = {};

    private String model;
    private String modelVersion = "";
    private String tenant = "";
    private String task = "";
    private String session = "";
    private long[] prefixKeys = NO_KEYS;
    private final long[] sizes;
    private long outputLimit = NO_LIMIT;
    private Priority priority = Priority.STANDARD;
    private Set<String> allowedRegions = Set.of();
    private List<String> fallbackModels = List.of();
    private @Nullable Duration deadline;
    private @Nullable Duration maxQueueTime;
    private boolean streaming;
    private boolean idempotent;
    private boolean replayable;
    private boolean hedgeable;

    private Builder(String model) {
      this.model = model;
      this.sizes = new long[UNITS.length];
      Arrays.fill(sizes, UNKNOWN_SIZE);
    }

    private Builder(InferenceRequest request) {
      model = request.model;
      modelVersion = request.modelVersion;
      tenant = request.tenant;
      task = request.task;
      session = request.session;
      prefixKeys = request.prefixKeys;
      sizes = request.sizes.clone();
      outputLimit = request.outputLimit;
      priority = request.priority;
      allowedRegions = request.allowedRegions;
      fallbackModels = request.fallbackModels;
      deadline = request.deadline;
      maxQueueTime = request.maxQueueTime;
      streaming = request.streaming;
      idempotent = request.idempotent;
      replayable = request.replayable;
      hedgeable = request.hedgeable;
    }

    /** Names the model, in the place of what was named; the empty text means any model. */
    public Builder model(String model) {
      this.model = Require.optionalName("model", model);
      return this;
    }

    /** Requires a version of the model; the empty text (the default) accepts any. */
    public Builder modelVersion(String modelVersion) {
      this.modelVersion = Require.optionalName("modelVersion", modelVersion);
      return this;
    }

    /** Names the tenant; by default none. */
    public Builder tenant(String tenant) {
      this.tenant = Require.optionalName("tenant", tenant);
      return this;
    }

    /** Names the kind of work, such as {@code chat} or {@code transcription}; by default none. */
    public Builder task(String task) {
      this.task = Require.optionalName("task", task);
      return this;
    }

    /** Names the conversation; by default none. */
    public Builder session(String session) {
      this.session = Require.optionalName("session", session);
      return this;
    }

    /**
     * Sets the chained prefix hashes, one for each block of the prompt, in order; by default none.
     */
    public Builder prefixKeys(long... prefixKeys) {
      this.prefixKeys = prefixKeys.clone();
      return this;
    }

    /**
     * Sets the size of the input in one unit; several units may be set side by side.
     *
     * @param size 0 to {@link InferenceRequest#MAX_SIZE}
     */
    public Builder input(InputUnit unit, long size) {
      sizes[slot(unit)] = Require.range("input " + unit, size, 0, MAX_SIZE);
      return this;
    }

    /**
     * Sets the upper bound of the output, such as {@code max_tokens}; 0 says that there is no
     * generated output, as for an embedding.
     *
     * @param outputLimit 0 to {@link InferenceRequest#MAX_SIZE}
     */
    public Builder outputLimit(long outputLimit) {
      this.outputLimit = Require.range("outputLimit", outputLimit, 0, MAX_SIZE);
      return this;
    }

    /** Sets the priority tier; by default {@link Priority#STANDARD}. */
    public Builder priority(Priority priority) {
      this.priority = Objects.requireNonNull(priority, "priority");
      return this;
    }

    /**
     * Restricts the regions in which the request may be processed; without arguments every region
     * is allowed.
     */
    public Builder allowedRegions(String... regions) {
      for (String region : regions) {
        Require.name("allowed region", region);
      }
      this.allowedRegions = Set.of(regions.clone());
      return this;
    }

    /** Names models that may answer instead, best first; by default none. */
    public Builder fallbackModels(String... models) {
      for (String fallback : models) {
        Require.name("fallback model", fallback);
      }
      this.fallbackModels = List.of(models.clone());
      return this;
    }

    /**
     * Limits the time until the answer, counted from asking for the lease; by default there is no
     * limit.
     */
    public Builder deadline(Duration deadline) {
      this.deadline = Require.positive("deadline", deadline);
      return this;
    }

    /**
     * Limits the wait for a free slot; zero means not to wait at all. By default the router's limit
     * holds.
     */
    public Builder maxQueueTime(Duration maxQueueTime) {
      this.maxQueueTime = Require.notNegative("maxQueueTime", maxQueueTime);
      return this;
    }

    /** Says that the answer arrives as a stream; by default it does not. */
    public Builder streaming(boolean streaming) {
      this.streaming = streaming;
      return this;
    }

    /** Says that processing the request twice does no harm; by default that is not assumed. */
    public Builder idempotent(boolean idempotent) {
      this.idempotent = idempotent;
      return this;
    }

    /**
     * Says that the request can be sent again while nothing of an answer was received; by default
     * it is not.
     */
    public Builder replayable(boolean replayable) {
      this.replayable = replayable;
      return this;
    }

    /** Allows a second, parallel attempt; by default it is not allowed. */
    public Builder hedgeable(boolean hedgeable) {
      this.hedgeable = hedgeable;
      return this;
    }

    /** Builds the request. */
    public InferenceRequest build() {
      return new InferenceRequest(this);
    }
  }
}
