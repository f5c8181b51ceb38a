package io.inferencerouter;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One address at which inference is served, with everything that is declared about it. Immutable.
 *
 * <p>Endpoints are told apart by their {@link #id()}: an {@linkplain
 * InferenceRouter#updateEndpoints update} that names a known id changes what is declared and keeps
 * the endpoint's state.
 */
public final class Endpoint {
  /** The default {@link #maxConcurrency()}. */
  public static final int DEFAULT_MAX_CONCURRENCY = 1024;

  /** The largest {@link #maxConcurrency()}. */
  public static final int MAX_CONCURRENCY_LIMIT = 32_767;

  /** {@link #memoryBudget()} of an endpoint that states none. */
  public static final long UNLIMITED_MEMORY = Long.MAX_VALUE;

  /** {@link #maxResidentModels()} of an endpoint that holds all its models at once. */
  public static final int UNLIMITED_MODELS = Integer.MAX_VALUE;

  private final String id;
  private final URI uri;
  private final double weight;
  private final int maxConcurrency;
  private final long memoryBudget;
  private final int maxResidentModels;
  private final List<ServedModel> models;
  private final String region;
  private final String zone;
  private final @Nullable HardwareProfile profile;
  private final Map<String, String> headers;
  private final @Nullable Credential credential;
  private final Map<String, String> labels;

  private Endpoint(Builder builder) {
    id = builder.id;
    uri = builder.uri;
    weight = builder.weight;
    maxConcurrency = builder.maxConcurrency;
    memoryBudget = builder.memoryBudget;
    maxResidentModels = builder.maxResidentModels;
    models = List.copyOf(builder.models);
    region = builder.region;
    zone = builder.zone;
    profile = builder.profile;
    headers = copyInOrder(builder.headers);
    credential = builder.credential;
    labels = copyInOrder(builder.labels);
  }

  private static Map<String, String> copyInOrder(Map<String, String> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /** An endpoint with nothing but an id and an address. */
  public static Endpoint of(String id, String uri) {
    return builder(id, uri).build();
  }

  /**
   * Starts an endpoint.
   *
   * @param id tells it from the others; not blank, no control characters
   * @param uri see {@link #builder(String, URI)}
   */
  public static Builder builder(String id, String uri) {
    Objects.requireNonNull(uri, "uri");
    try {
      return builder(id, new URI(uri));
    } catch (URISyntaxException e) {
      throw Require.invalid(
          "uri of endpoint " + id,
          e.getReason() + " at index " + e.getIndex(),
          "an address such as https://gpu-1:8000");
    }
  }

  /**
   * Starts an endpoint.
   *
   * @param id tells it from the others; not blank, no control characters
   * @param uri scheme, host, optionally a port and a base path; no user info (use a {@link
   *     Credential}), query or fragment
   */
  public static Builder builder(String id, URI uri) {
    return new Builder(id, uri);
  }

  /** What tells this endpoint from the others. */
  public String id() {
    return id;
  }

  /** Scheme, host, port and base path. */
  public URI uri() {
    return uri;
  }

  /**
   * The relative capacity, for selectors that count requests and for the speed of endpoints without
   * a profile.
   */
  public double weight() {
    return weight;
  }

  /** How many requests this router keeps in flight on the endpoint at most. */
  public int maxConcurrency() {
    return maxConcurrency;
  }

  /**
   * How many units (KV-cache tokens) the requests in flight may hold together; {@link
   * #UNLIMITED_MEMORY} by default.
   */
  public long memoryBudget() {
    return memoryBudget;
  }

  /**
   * How many of the models that have to be loaded fit at the same time, at least 1; {@link
   * #UNLIMITED_MODELS} (the default) if all. When another one is asked for, the one that was not
   * asked for longest is taken to make room.
   */
  public int maxResidentModels() {
    return maxResidentModels;
  }

  /** The models served; empty means that any model is. */
  public List<ServedModel> models() {
    return models;
  }

  /** The region the endpoint processes data in; empty when not stated. */
  public String region() {
    return region;
  }

  /** The zone within the region; empty when not stated. */
  public String zone() {
    return zone;
  }

  /** The declared speed; empty means the mean of the fleet, scaled by {@link #weight()}. */
  public Optional<HardwareProfile> profile() {
    return Optional.ofNullable(profile);
  }

  /** Headers to send to this endpoint, in order. */
  public Map<String, String> headers() {
    return headers;
  }

  /** The secret to send to this endpoint. */
  public Optional<Credential> credential() {
    return Optional.ofNullable(credential);
  }

  /** Free annotations, for custom selectors and for observers. */
  public Map<String, String> labels() {
    return labels;
  }

  /** A builder that starts with the values of this endpoint. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Endpoint that
        && id.equals(that.id)
        && uri.equals(that.uri)
        && weight == that.weight
        && maxConcurrency == that.maxConcurrency
        && memoryBudget == that.memoryBudget
        && maxResidentModels == that.maxResidentModels
        && models.equals(that.models)
        && region.equals(that.region)
        && zone.equals(that.zone)
        && Objects.equals(profile, that.profile)
        && headers.equals(that.headers)
        && Objects.equals(credential, that.credential)
        && labels.equals(that.labels);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  /** Id and address; neither header values nor credentials. */
  @Override
  public String toString() {
    return "Endpoint[" + id + " " + uri + "]";
  }

  /** Builds an {@link Endpoint}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final String id;
    private final URI uri;
    private double weight = 1;
    private int maxConcurrency = DEFAULT_MAX_CONCURRENCY;
    private long memoryBudget = UNLIMITED_MEMORY;
    private int maxResidentModels = UNLIMITED_MODELS;
    private final List<ServedModel> models = new ArrayList<>();
    private String region = "";
    private String zone = "";
    private @Nullable HardwareProfile profile;
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private @Nullable Credential credential;
    private final Map<String, String> labels = new LinkedHashMap<>();

    private Builder(String id, URI uri) {
      this.id = Require.name("endpoint id", id);
      this.uri = checked(id, uri);
    }

    private Builder(Endpoint endpoint) {
      id = endpoint.id;
      uri = endpoint.uri;
      weight = endpoint.weight;
      maxConcurrency = endpoint.maxConcurrency;
      memoryBudget = endpoint.memoryBudget;
      maxResidentModels = endpoint.maxResidentModels;
      models.addAll(endpoint.models);
      region = endpoint.region;
      zone = endpoint.zone;
      profile = endpoint.profile;
      headers.putAll(endpoint.headers);
      credential = endpoint.credential;
      labels.putAll(endpoint.labels);
    }

    private static URI checked(String id, URI uri) {
      Objects.requireNonNull(uri, "uri");
      String name = "uri of endpoint " + id;
      if (uri.getRawUserInfo() != null
          || (uri.getRawAuthority() != null && uri.getRawAuthority().indexOf('@') >= 0)) {
        throw Require.invalid(name, "an address with user info", "no user info; use credential(…)");
      }
      if (uri.getScheme() == null || uri.getHost() == null) {
        throw Require.invalid(
            name, "no scheme or no host", "an address such as https://gpu-1:8000");
      }
      if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
        throw Require.invalid(
            name,
            uri.getScheme() + "://" + uri.getHost() + " with a query or fragment",
            "scheme, host, port and base path only; use header(…) or credential(…) for keys");
      }
      if (uri.getPort() == 0 || uri.getPort() > 65_535) {
        throw Require.invalid(name, "port " + uri.getPort(), "a port from 1 to 65535");
      }
      return uri;
    }

    /** Sets the relative capacity, 1e-6 to 1e6; by default 1. */
    public Builder weight(double weight) {
      this.weight = Require.range("weight of endpoint " + id, weight, 1e-6, 1e6);
      return this;
    }

    /**
     * Sets the number of slots, 1 to {@value #MAX_CONCURRENCY_LIMIT}; by default {@value
     * #DEFAULT_MAX_CONCURRENCY}.
     */
    public Builder maxConcurrency(int maxConcurrency) {
      this.maxConcurrency =
          Require.range(
              "maxConcurrency of endpoint " + id, maxConcurrency, 1, MAX_CONCURRENCY_LIMIT);
      return this;
    }

    /** Sets the memory budget, at least 1; by default unlimited. */
    public Builder memoryBudget(long memoryBudget) {
      this.memoryBudget =
          Require.range("memoryBudget of endpoint " + id, memoryBudget, 1, UNLIMITED_MEMORY);
      return this;
    }

    /** Sets how many models that have to be loaded fit at once, at least 1; by default all. */
    public Builder maxResidentModels(int maxResidentModels) {
      this.maxResidentModels =
          Require.range(
              "maxResidentModels of endpoint " + id, maxResidentModels, 1, UNLIMITED_MODELS);
      return this;
    }

    /** Adds a model that the endpoint serves; without any, it is taken to serve every model. */
    public Builder model(String name) {
      return model(ServedModel.of(name));
    }

    /** Adds a model that the endpoint serves; a name and version may be added once. */
    public Builder model(ServedModel model) {
      Objects.requireNonNull(model, "model");
      for (ServedModel known : models) {
        if (known.name().equals(model.name()) && known.version().equals(model.version())) {
          throw Require.invalid("model of endpoint " + id, model, "each name and version once");
        }
      }
      models.add(model);
      return this;
    }

    /** States the region; by default none. */
    public Builder region(String region) {
      this.region = Require.optionalName("region of endpoint " + id, region);
      return this;
    }

    /** States the zone; by default none. */
    public Builder zone(String zone) {
      this.zone = Require.optionalName("zone of endpoint " + id, zone);
      return this;
    }

    /** Declares the speed; by default it is unknown. */
    public Builder profile(HardwareProfile profile) {
      this.profile = Objects.requireNonNull(profile, "profile");
      return this;
    }

    /**
     * Adds a header that is sent with every request; names are compared without regard to case.
     * Secrets belong into a {@link #credential}.
     */
    public Builder header(String name, String value) {
      headers.put(
          Require.headerName(name), Require.headerValue(name.toLowerCase(Locale.ROOT), value));
      return this;
    }

    /** Sets the secret that is sent with every request; by default none. */
    public Builder credential(Credential credential) {
      this.credential = Objects.requireNonNull(credential, "credential");
      return this;
    }

    /** Adds an annotation. */
    public Builder label(String name, String value) {
      labels.put(Require.name("label", name), Require.optionalName("label " + name, value));
      return this;
    }

    /** Builds the endpoint. */
    public Endpoint build() {
      return new Endpoint(this);
    }
  }
}
