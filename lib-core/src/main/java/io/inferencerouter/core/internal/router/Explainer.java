package io.inferencerouter.core.internal.router;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.Explanation;
import io.inferencerouter.Explanation.Verdict;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.ServedModel;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.OutstandingWork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Says how a request would be routed: for each endpoint the filter that removes it, or the terms of
 * its score.
 */
final class Explainer {
  private final Pipeline pipeline;
  private final EndpointSelector selector;
  private final Fleet fleet;
  private final InferenceRequest request;
  private boolean hasFailed;

  Explainer(Pipeline pipeline, EndpointSelector selector, Fleet fleet, InferenceRequest request) {
    this.pipeline = pipeline;
    this.selector = selector;
    this.fleet = fleet;
    this.request = request;
  }

  Explanation explain() {
    String model = firstServedTier();
    CandidateSet candidates = Tiers.candidates(fleet, request, model);
    Inspection decision = pipeline.inspect(candidates, request);
    Map<String, Integer> indexes = new HashMap<>();
    for (int i = 0; i < candidates.size(); i++) {
      indexes.put(decision.endpoint(i).id(), i);
    }
    List<Verdict> verdicts = new ArrayList<>();
    int available = 0;
    for (Member member : fleet.members()) {
      Endpoint endpoint = member.endpoint();
      Integer index = indexes.get(endpoint.id());
      if (index == null) {
        verdicts.add(Verdict.removed(endpoint, filter(member, model)));
      } else if (!decision.isAvailable(index)) {
        verdicts.add(Verdict.removed(endpoint, limit(candidates.at(index), decision)));
      } else {
        available++;
        verdicts.add(Verdict.scored(endpoint, terms(decision, index)));
      }
    }
    int chosen = available == 0 ? EndpointSelector.NONE : pipeline.selector().choice(decision);
    return new Explanation(
        verdicts,
        chosen == EndpointSelector.NONE ? null : decision.endpoint(chosen),
        summary(verdicts, decision, chosen, model));
  }

  private String firstServedTier() {
    if (Tiers.candidates(fleet, request, request.model()).size() == 0) {
      for (String fallback : request.fallbackModels()) {
        if (Tiers.candidates(fleet, request, fallback).size() != 0) {
          return fallback;
        }
      }
    }
    return request.model();
  }

  /** The terms by which the selector scores a candidate; none if it fails to tell. */
  private Map<String, Double> terms(Inspection decision, int index) {
    try {
      Map<String, Double> terms = new LinkedHashMap<>();
      selector
          .explain(request, decision, index)
          .forEach(
              (name, value) ->
                  terms.put(
                      Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, name)));
      return terms;
    } catch (Throwable thrown) {
      selectorFailed(thrown);
      return Map.of();
    }
  }

  private String scoreUnit() {
    try {
      return Objects.requireNonNull(selector.scoreUnit(), "scoreUnit");
    } catch (Throwable thrown) {
      selectorFailed(thrown);
      return "";
    }
  }

  /** Once for an explanation, however many endpoints there are. */
  private void selectorFailed(Throwable thrown) {
    if (!hasFailed) {
      hasFailed = true;
      pipeline.selector().failed(thrown);
    }
  }

  /** What an endpoint that takes requests has too little of for this one. */
  private static String limit(Candidate candidate, Inspection decision) {
    Endpoint endpoint = candidate.endpoint;
    long admission = candidate.work.admissionWord();
    if (!OutstandingWork.admits(admission, candidate.slots)) {
      return "slots: " + OutstandingWork.inFlight(admission) + " of " + endpoint.maxConcurrency();
    }
    if (decision.isTooLarge(candidate)) {
      return "input: "
          + Math.round(decision.inputWork())
          + ", has refused "
          + Math.round(candidate.refusedInput());
    }
    return "memory: "
        + candidate.state.memory.reserved()
        + " of "
        + endpoint.memoryBudget()
        + " reserved, "
        + decision.memoryUnits()
        + " needed";
  }

  private String filter(Member member, String model) {
    if (!member.isRoutable()) {
      return "lifecycle: " + member.lifecycle();
    }
    List<ServedModel> models = member.endpoint().models();
    Set<String> regions = request.allowedRegions();
    if (!regions.isEmpty() && !regions.contains(member.endpoint().region())) {
      return "region: \"" + member.endpoint().region() + "\", allowed " + regions;
    }
    boolean served = models.isEmpty() || models.stream().anyMatch(m -> m.name().equals(model));
    return served ? "version: not " + request.modelVersion() : "model: not " + model;
  }

  private String summary(List<Verdict> verdicts, Inspection decision, int chosen, String model) {
    String what =
        "a request for "
            + (model.isEmpty() ? "any model" : model)
            + (model.equals(request.model()) ? "" : " in place of " + request.model());
    Sentence sentence = new Sentence(verdicts, scoreUnit());
    if (chosen == EndpointSelector.NONE) {
      return sentence.of(what, null, 0);
    }
    Endpoint endpoint = decision.endpoint(chosen);
    Verdict verdict =
        verdicts.stream().filter(v -> v.endpoint().equals(endpoint)).findFirst().orElse(null);
    return sentence.of(what, verdict, decision.cachedShare(chosen));
  }
}
