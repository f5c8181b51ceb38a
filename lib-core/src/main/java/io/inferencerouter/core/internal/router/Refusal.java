package io.inferencerouter.core.internal.router;

import io.inferencerouter.EjectionReason.Cause;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Generation;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.OutstandingWork;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, after the fact, why a request could not be routed, and puts it into words. Not on the
 * hot path.
 */
final class Refusal {
  private static final long MIN_RETRY_MICROS = 100_000;
  private static final long MAX_RETRY_MICROS = 60_000_000;
  private static final int MAX_ENDPOINTS_NAMED = 16;

  private final Fleet fleet;
  private final InferenceRequest request;
  private final long nowNanos;

  Refusal(Fleet fleet, InferenceRequest request, long nowNanos) {
    this.fleet = fleet;
    this.request = request;
    this.nowNanos = nowNanos;
  }

  /**
   * Why nothing may serve the request; null if something may, and only has no slot now. Where
   * endpoints wait for their quota, that is a matter of time.
   */
  @Nullable InferenceRouterException noEndpoint() {
    for (String model : tiers()) {
      if (Tiers.candidates(fleet, request, model).size() != 0) {
        return null;
      }
    }
    if (fleet.members().isEmpty()) {
      return refuse(
          NoEndpointException.Reason.NO_ENDPOINTS,
          "endpoints: none (expected: at least one; add them to the builder or with"
              + " updateEndpoints)");
    }
    List<Member> serving = serving();
    if (serving.isEmpty()) {
      return refuse(
          NoEndpointException.Reason.UNKNOWN_MODEL,
          "model: " + request.model() + " (expected: a model that an endpoint declares)");
    }
    List<Member> rightVersion = serving.stream().filter(this::hasVersion).toList();
    if (rightVersion.isEmpty()) {
      return refuse(
          NoEndpointException.Reason.UNKNOWN_VERSION,
          "version of model "
              + request.model()
              + ": "
              + request.modelVersion()
              + " (expected: a version that an endpoint declares)");
    }
    Set<String> regions = request.allowedRegions();
    List<Member> rightRegion =
        rightVersion.stream()
            .filter(m -> regions.isEmpty() || regions.contains(m.endpoint().region()))
            .toList();
    if (rightRegion.isEmpty()) {
      return refuse(
          NoEndpointException.Reason.REGION,
          "allowed regions: "
              + regions
              + " (expected: a region of an endpoint that serves "
              + described(request.model())
              + ": "
              + rightVersion.stream()
                  .map(m -> m.endpoint().region())
                  .distinct()
                  .limit(MAX_ENDPOINTS_NAMED)
                  .toList()
              + ")");
    }
    String states =
        "endpoints for "
            + described(request.model())
            + ": "
            + EndpointStates.of(rightRegion, nowNanos)
            + " (expected: one that takes requests";
    OptionalLong wait =
        rightRegion.stream()
            .map(Member::ejection)
            .filter(Objects::nonNull)
            .filter(ejection -> ejection.reason().cause() == Cause.RATE_LIMITED)
            .mapToLong(ejection -> EndpointStates.nanosLeft(ejection, nowNanos))
            .min();
    if (wait.isEmpty()) {
      return refuse(NoEndpointException.Reason.UNAVAILABLE, states + ")");
    }
    Duration retryAfter = Duration.ofNanos(wait.getAsLong());
    return new OverloadedException(
        OverloadedException.Reason.QUOTA, retryAfter, states + "; retry after " + retryAfter + ")");
  }

  /** How the endpoints are that serve the request's model, or one of its fallbacks. */
  String states() {
    return EndpointStates.of(
        fleet.members().stream().filter(m -> tiers().stream().anyMatch(m::serves)).toList(),
        nowNanos);
  }

  private List<String> tiers() {
    List<String> tiers = new ArrayList<>();
    tiers.add(request.model());
    tiers.addAll(request.fallbackModels());
    return tiers;
  }

  private List<Member> serving() {
    return fleet.members().stream().filter(member -> member.serves(request.model())).toList();
  }

  private boolean hasVersion(Member member) {
    return request.modelVersion().isEmpty()
        || request.model().isEmpty()
        || member.endpoint().models().stream()
            .anyMatch(
                served ->
                    served.name().equals(request.model())
                        && served.version().equals(request.modelVersion()));
  }

  private static NoEndpointException refuse(NoEndpointException.Reason reason, String message) {
    return new NoEndpointException(reason, message);
  }

  /** The exception for a request that found no slot and does not wait, or not any more. */
  InferenceRouterException overloaded(OverloadedException.Reason reason, String what) {
    CandidateSet candidates = Tiers.candidates(fleet, request, request.model());
    Duration retryAfter = retryAfter(candidates);
    int withSlots = withFreeSlots(candidates);
    String limits =
        withSlots == 0
            ? "maxConcurrency"
            : withSlots == candidates.size() ? "memoryBudget" : "maxConcurrency or memoryBudget";
    return new OverloadedException(
        reason,
        retryAfter,
        what
            + ", the "
            + candidates.size()
            + " endpoint(s) for "
            + described(request.model())
            + " are full"
            + (withSlots == 0 ? "" : ", " + withSlots + " of them by their memory")
            + " (expected: a free slot"
            + (withSlots == 0 ? "" : " with memory for the request")
            + "; retry after "
            + retryAfter
            + ", add endpoints, or raise "
            + limits
            + "): "
            + states());
  }

  /** How many have a free slot, so that it must be memory which they lack. */
  private static int withFreeSlots(CandidateSet candidates) {
    int found = 0;
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.at(i);
      if (candidate.budgeted
          && OutstandingWork.admits(candidate.work.admissionWord(), candidate.slots)) {
        found++;
      }
    }
    return found;
  }

  /** The shortest time after which an endpoint can be expected to finish one of its requests. */
  private static Duration retryAfter(CandidateSet candidates) {
    long shortest = MAX_RETRY_MICROS;
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.at(i);
      long admission = candidate.work.admissionWord();
      long reserved =
          OutstandingWork.inputMicros(admission)
              + Generation.outputMicros(candidate.work.generationWord());
      shortest = Math.min(shortest, reserved / Math.max(1, OutstandingWork.inFlight(admission)));
    }
    return Duration.of(Math.max(MIN_RETRY_MICROS, shortest), ChronoUnit.MICROS);
  }

  private static String described(String model) {
    return model.isEmpty() ? "any model" : "model " + model;
  }
}
