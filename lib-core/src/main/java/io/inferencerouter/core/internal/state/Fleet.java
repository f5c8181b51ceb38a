package io.inferencerouter.core.internal.state;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.ServedModel;
import io.inferencerouter.core.internal.state.EndpointState.ServedAs;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All endpoints at one moment, and for each model the candidates that take requests. Immutable: a
 * change makes a new fleet, in which endpoints that stay keep their {@link EndpointState} and
 * models their {@link Rotation}.
 *
 * <p>Candidates of requests that are restricted to a version or to regions are worked out when
 * first asked for, and kept with the fleet. As the restrictions come with the requests, at most
 * {@value #MAX_RESTRICTED_SETS} are kept; what goes beyond is worked out each time.
 */
public final class Fleet {
  private static final int MAX_RESTRICTED_SETS = 1024;

  /** What else a request demands of an endpoint, beside the model. */
  private record Restriction(String model, String version, Set<String> regions) {}

  private final HardwareProfile defaultProfile;
  private final double inputGrowth;
  private final LongSupplier random;
  private final Map<String, Member> members;
  private final ReferenceSpeed reference;
  private final Map<String, CandidateSet> byModel;
  private final CandidateSet undeclared;
  private final CandidateSet any;
  private final Map<String, Map<ServedAs, Candidate>> candidates = new ConcurrentHashMap<>();
  private final Map<Restriction, CandidateSet> restricted = new ConcurrentHashMap<>();

  private Fleet(
      HardwareProfile defaultProfile,
      double inputGrowth,
      LongSupplier random,
      Map<String, Member> members,
      @Nullable Fleet before) {
    this.defaultProfile = defaultProfile;
    this.inputGrowth = inputGrowth;
    this.random = random;
    this.members = members;
    reference =
        ReferenceSpeed.of(members.values().stream().map(Member::endpoint).toList(), defaultProfile);

    Set<String> models = new HashSet<>();
    List<Candidate> anyModel = new ArrayList<>();
    List<Candidate> noModel = new ArrayList<>();
    for (Member member : members.values()) {
      Endpoint endpoint = member.endpoint();
      endpoint.models().forEach(served -> models.add(served.name()));
      if (member.isRoutable()) {
        // All of them now: a candidate takes over what its service publishes, and one that an old
        // fleet made later would take it away from this one.
        endpoint.models().forEach(served -> candidate(member, served));
        Candidate candidate = candidate(member, null);
        anyModel.add(candidate);
        if (endpoint.models().isEmpty()) {
          noModel.add(candidate);
        }
      }
    }
    any =
        new CandidateSet(
            "",
            anyModel,
            inputGrowth,
            before == null ? newRotation() : before.any.rotation(),
            before == null ? new TypicalRequest() : before.any.typicalRequest());
    undeclared =
        new CandidateSet(
            "",
            noModel,
            inputGrowth,
            before == null ? newRotation() : before.undeclared.rotation(),
            before == null ? new TypicalRequest() : before.undeclared.typicalRequest());
    byModel = new HashMap<>();
    for (String model : models) {
      CandidateSet known = before == null ? null : before.byModel.get(model);
      Rotation rotation = known == null ? newRotation() : known.rotation();
      TypicalRequest typicalRequest = known == null ? new TypicalRequest() : known.typicalRequest();
      byModel.put(
          model,
          new CandidateSet(
              model, serving(model, "", Set.of()), inputGrowth, rotation, typicalRequest));
    }
    sharesChanged();
  }

  /**
   * A fleet without endpoints.
   *
   * @param defaultProfile the speed of endpoints of weight 1 as long as none declares its own
   * @param inputGrowth by which share reading takes longer for each unit of input
   * @param random where rotations begin, and when what is avoided is tried again
   */
  public static Fleet empty(
      HardwareProfile defaultProfile, double inputGrowth, LongSupplier random) {
    return new Fleet(defaultProfile, inputGrowth, random, Map.of(), null);
  }

  private Rotation newRotation() {
    return new Rotation(random.getAsLong());
  }

  /** The members in the order in which they joined, those that do not take requests included. */
  public List<Member> members() {
    return List.copyOf(members.values());
  }

  /**
   * Puts in order what has been learned, for each model across the endpoints that serve it. By one
   * thread at a time.
   *
   * @param elapsedSeconds since evidence last faded; 0 if none is to fade now
   */
  public void recalibrate(double elapsedSeconds) {
    Map<String, List<ModelService>> servicesByModel = new HashMap<>();
    for (Member member : members.values()) {
      member
          .state()
          .services()
          .forEach(
              (served, service) -> {
                servicesByModel
                    .computeIfAbsent(served.model(), model -> new ArrayList<>())
                    .add(service);
                if (member.phase() != Member.Phase.ROUTABLE) {
                  service.avoidance.excused();
                }
                service.avoidance.occupied(member.state().worksFor(service));
              });
    }
    servicesByModel
        .values()
        .forEach(services -> Recalibration.of(services, elapsedSeconds, random));
    any.speedsLearned();
    undeclared.speedsLearned();
    byModel.values().forEach(CandidateSet::speedsLearned);
    restricted.values().forEach(CandidateSet::speedsLearned);
  }

  /**
   * Takes note of how far endpoints have got with their slow starts. One that declares no models is
   * compared with all others, hence the order.
   */
  public void sharesChanged() {
    byModel.values().forEach(CandidateSet::sharesChanged);
    undeclared.sharesChanged();
    any.sharesChanged();
  }

  /** The models that are declared by name. */
  public Set<String> models() {
    return Collections.unmodifiableSet(byModel.keySet());
  }

  /** The member with this id. */
  public @Nullable Member member(String id) {
    return members.get(id);
  }

  /** Whether any member declares the model. */
  public boolean declares(String model) {
    return byModel.containsKey(model);
  }

  /** The endpoints that take requests for a model; the empty text means any model. */
  public CandidateSet candidates(String model) {
    if (model.isEmpty()) {
      return any;
    }
    CandidateSet set = byModel.get(model);
    return set != null ? set : undeclared;
  }

  /**
   * As {@link #candidates(String)}, for a version (if not empty) and for regions (if not empty).
   */
  public CandidateSet candidates(String model, String version, Set<String> regions) {
    if (version.isEmpty() && regions.isEmpty()) {
      return candidates(model);
    }
    Restriction restriction = new Restriction(model, version, regions);
    CandidateSet set = restricted.get(restriction);
    if (set == null) {
      CandidateSet all = candidates(model);
      set =
          new CandidateSet(
              model,
              serving(model, version, regions),
              inputGrowth,
              all.rotation(),
              all.typicalRequest());
      if (restricted.size() < MAX_RESTRICTED_SETS) {
        restricted.put(restriction, set);
      }
    }
    return set;
  }

  private List<Candidate> serving(String model, String version, Set<String> regions) {
    List<Candidate> found = new ArrayList<>();
    for (Member member : members.values()) {
      if (member.isRoutable()
          && (regions.isEmpty() || regions.contains(member.endpoint().region()))) {
        Candidate candidate = serving(member, model, version);
        if (candidate != null) {
          found.add(candidate);
        }
      }
    }
    return found;
  }

  private @Nullable Candidate serving(Member member, String model, String version) {
    List<ServedModel> models = member.endpoint().models();
    if (model.isEmpty() || models.isEmpty()) {
      return version.isEmpty() || model.isEmpty() ? candidate(member, null) : null;
    }
    for (ServedModel served : models) {
      if (served.name().equals(model) && (version.isEmpty() || served.version().equals(version))) {
        return candidate(member, served);
      }
    }
    return null;
  }

  /**
   * The member as the server of a model, or of any model: one object for all sets it is in, as what
   * the endpoint learns is published there.
   */
  private Candidate candidate(Member member, @Nullable ServedModel served) {
    ServedAs key = served == null ? ServedAs.ANY_MODEL : ServedAs.of(served);
    return candidates
        .computeIfAbsent(member.endpoint().id(), id -> new ConcurrentHashMap<>())
        .computeIfAbsent(
            key,
            unused ->
                served == null
                    ? Candidate.ofAnyModel(member, reference)
                    : Candidate.of(member, served, reference));
  }

  /** A fleet with other members, by id. */
  public Fleet withMembers(Map<String, Member> members) {
    return new Fleet(defaultProfile, inputGrowth, random, new LinkedHashMap<>(members), this);
  }

  /** This fleet with members in the places of those with the same ids. */
  public Fleet with(Collection<Member> changed) {
    Map<String, Member> next = new LinkedHashMap<>(members);
    changed.forEach(member -> next.put(member.endpoint().id(), member));
    return new Fleet(defaultProfile, inputGrowth, random, next, this);
  }

  /** This fleet without a member. */
  public Fleet without(Member member) {
    Map<String, Member> next = new LinkedHashMap<>(members);
    next.remove(member.endpoint().id());
    return new Fleet(defaultProfile, inputGrowth, random, next, this);
  }
}
