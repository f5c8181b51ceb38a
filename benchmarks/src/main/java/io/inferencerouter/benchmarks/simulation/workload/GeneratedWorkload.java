package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Requests drawn from distributions: the same seed gives the same requests, bit by bit. Each aspect
 * has draws of its own, so that adding tenants, say, leaves times and sizes as they were.
 * Immutable.
 */
public final class GeneratedWorkload implements Workload {
  /** The largest input or output. */
  public static final int MAX_TOKENS = 10_000_000;

  /** How many requests there are unless said otherwise. */
  public static final long DEFAULT_REQUESTS = 20_000;

  private final Builder options;

  private GeneratedWorkload(Builder options) {
    this.options = options;
  }

  /** Begins with Poisson arrivals at 10 a second, and chat-like text without tenants. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  @Override
  public String name() {
    return options.name;
  }

  @Override
  public Kind kind() {
    return options.kind;
  }

  @Override
  public Iterator<SimulatedRequest> iterator() {
    Draws draws = Draws.seeded(options.seed);
    Arrivals.Times times = options.arrivals.begin(draws.split());
    Population population = new Population(options, draws.split());
    Sessions sessions = options.sessions;
    if (options.hasPrefixes()) {
      Draws dialogues = draws.split();
      return new SessionRequests(
          options.requests,
          times,
          population,
          sessions == null ? SINGLE_TURN : sessions,
          options.systemPrompts,
          options.systemTokens,
          dialogues);
    }
    return new SingleRequests(options.requests, times, population);
  }

  private static final Sessions SINGLE_TURN =
      Sessions.open(Sizes.fixed(1), Sizes.fixed(1), Sizes.fixed(0));

  /** Options, each checked when it is set. */
  public static final class Builder {
    private final String name;
    private Kind kind = Kind.GENERATION;
    private long seed = 1;
    private long requests = DEFAULT_REQUESTS;
    private Arrivals arrivals = Arrivals.poisson(10);
    private @Nullable Sessions sessions;
    private @Nullable Zipf systemPrompts;
    private int systemTokens;
    Sizes input = Sizes.logNormal(600, 1_000);
    Sizes output = Sizes.logNormal(130, 210);
    @Nullable Sizes images;
    Sizes imageTokens = Sizes.fixed(1);
    @Nullable Sizes workMillis;
    @Nullable Zipf tenants;
    double tenantVariation;
    @Nullable Zipf models;
    List<String> regions = List.of();
    double criticalShare;
    double backgroundShare;

    private Builder(String name) {
      this.name = Objects.requireNonNull(name, "name");
    }

    private Builder(Builder other) {
      name = other.name;
      kind = other.kind;
      seed = other.seed;
      requests = other.requests;
      arrivals = other.arrivals;
      sessions = other.sessions;
      systemPrompts = other.systemPrompts;
      systemTokens = other.systemTokens;
      input = other.input;
      output = other.output;
      images = other.images;
      imageTokens = other.imageTokens;
      workMillis = other.workMillis;
      tenants = other.tenants;
      tenantVariation = other.tenantVariation;
      models = other.models;
      regions = other.regions;
      criticalShare = other.criticalShare;
      backgroundShare = other.backgroundShare;
    }

    /** What the draws begin with; 1 unless said otherwise. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /** How many requests there are; 1 or more. */
    public Builder requests(long requests) {
      this.requests = Expect.within("requests", requests, 1, Long.MAX_VALUE);
      return this;
    }

    /** When requests arrive, or sessions where there are sessions. */
    public Builder arrivals(Arrivals arrivals) {
      this.arrivals = Objects.requireNonNull(arrivals, "arrivals");
      return this;
    }

    /** Tokens of text in an input, or in that of a session's first turn, after a system prompt. */
    public Builder input(Sizes tokens) {
      this.input = Objects.requireNonNull(tokens, "tokens");
      return this;
    }

    /** Tokens of an answer; not for encoders and jobs. */
    public Builder output(Sizes tokens) {
      this.output = Objects.requireNonNull(tokens, "tokens");
      return this;
    }

    /** Requests without output. */
    public Builder encoding() {
      kind = Kind.ENCODING;
      return this;
    }

    /**
     * Jobs of known work.
     *
     * @param millisPerToken time on a reference GPU for each token, or page, of the input
     */
    public Builder jobs(Sizes millisPerToken) {
      kind = Kind.JOBS;
      workMillis = Objects.requireNonNull(millisPerToken, "millisPerToken");
      return this;
    }

    /** Images in each request, and the tokens of each; less than half an image is none. */
    public Builder images(Sizes perRequest, Sizes tokensPerImage) {
      images = Objects.requireNonNull(perRequest, "perRequest");
      imageTokens = Objects.requireNonNull(tokensPerImage, "tokensPerImage");
      return this;
    }

    /** Requests come in conversations. */
    public Builder sessions(Sessions sessions) {
      this.sessions = Objects.requireNonNull(sessions, "sessions");
      return this;
    }

    /**
     * Each session, or request, begins with one of so many prompts of so many tokens, which it
     * shares with others; full blocks of them are shared.
     */
    public Builder systemPrompts(int count, double exponent, int tokens) {
      systemPrompts = new Zipf("systemPrompts", count, exponent);
      systemTokens = (int) Expect.within("tokens", tokens, 1, MAX_TOKENS);
      return this;
    }

    /**
     * Tenants.
     *
     * @param exponent of Zipf's law: 0 makes all alike, 1 gives the second half of the first
     * @param variation how much their mean sizes differ: the coefficient of variation, 0 to 10
     */
    public Builder tenants(int count, double exponent, double variation) {
      tenants = new Zipf("tenants", count, exponent);
      tenantVariation = Expect.within("variation", variation, 0, 10);
      return this;
    }

    /** Models, in Zipf's proportions. */
    public Builder models(int count, double exponent) {
      models = new Zipf("models", count, exponent);
      return this;
    }

    /** Regions, each as likely as the others; requests may be served in their own only. */
    public Builder regions(String... names) {
      regions = List.of(names);
      return this;
    }

    /** Shares of requests that are critical and background; the rest is standard. */
    public Builder priorities(double critical, double background) {
      criticalShare = Expect.within("critical", critical, 0, 1);
      backgroundShare = Expect.within("background", background, 0, 1 - critical);
      return this;
    }

    /** The workload. */
    public GeneratedWorkload build() {
      if (hasPrefixes() && (kind != Kind.GENERATION || images != null)) {
        throw new IllegalArgumentException(
            "sessions and systemPrompts: given for "
                + kind
                + (images == null ? "" : " with images")
                + " (expected: for GENERATION without images)");
      }
      return new GeneratedWorkload(new Builder(this));
    }

    private boolean hasPrefixes() {
      return sessions != null || systemPrompts != null;
    }

    Kind kind() {
      return kind;
    }
  }
}
