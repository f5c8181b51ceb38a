package io.inferencerouter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a request would be routed, endpoint by endpoint. Immutable. */
public final class Explanation {
  /**
   * What the router thinks of one endpoint for the request: a filter that removed it, or the terms
   * of its score.
   */
  public static final class Verdict {
    private final Endpoint endpoint;
    private final @Nullable String removedBy;
    private final Map<String, Double> terms;

    private Verdict(Endpoint endpoint, @Nullable String removedBy, Map<String, Double> terms) {
      this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
      this.removedBy = removedBy;
      this.terms = Collections.unmodifiableMap(new LinkedHashMap<>(terms));
    }

    /** An endpoint that may not be used, and which filter says so. */
    public static Verdict removed(Endpoint endpoint, String filter) {
      return new Verdict(endpoint, Objects.requireNonNull(filter, "filter"), Map.of());
    }

    /** An endpoint that may be used, and the terms of its score in order. */
    public static Verdict scored(Endpoint endpoint, Map<String, Double> terms) {
      return new Verdict(endpoint, null, terms);
    }

    /** The endpoint. */
    public Endpoint endpoint() {
      return endpoint;
    }

    /** The filter that removed the endpoint; empty if it may be used. */
    public Optional<String> removedBy() {
      return Optional.ofNullable(removedBy);
    }

    /** The terms of the score, by name; see {@link EndpointSelector#explain}. */
    public Map<String, Double> terms() {
      return terms;
    }

    /** The sum of the terms; less is better. */
    public double score() {
      return terms.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    @Override
    public String toString() {
      return endpoint.id() + (removedBy == null ? " " + terms : " removed by " + removedBy);
    }
  }

  private final List<Verdict> verdicts;
  private final @Nullable Endpoint chosen;
  private final String summary;

  /**
   * Creates an explanation.
   *
   * @param chosen the endpoint that would be used; null if none
   * @param summary the whole in one sentence
   */
  public Explanation(List<Verdict> verdicts, @Nullable Endpoint chosen, String summary) {
    this.verdicts = List.copyOf(verdicts);
    this.chosen = chosen;
    this.summary = Objects.requireNonNull(summary, "summary");
  }

  /** What the router thinks of each endpoint. */
  public List<Verdict> verdicts() {
    return verdicts;
  }

  /** The endpoint that would be used; empty if none could be. */
  public Optional<Endpoint> chosen() {
    return Optional.ofNullable(chosen);
  }

  /** The whole in one sentence. */
  public String summary() {
    return summary;
  }

  @Override
  public String toString() {
    return summary;
  }
}
