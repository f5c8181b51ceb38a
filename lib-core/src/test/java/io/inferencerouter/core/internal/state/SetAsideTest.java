package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which endpoints are set aside for exceptional inputs, and what follows. */
class SetAsideTest {
  private static final double RATE = 1_000;
  private static final double PREDICTED = 0.1;
  private static final double EXCEPTIONAL = 1;

  private static Fleet fleet(List<String> ids) {
    Map<String, Member> members = new LinkedHashMap<>();
    for (String id : ids) {
      Endpoint endpoint =
          Endpoint.builder(id, "http://" + id)
              .profile(HardwareProfile.builder(RATE, 50).build())
              .build();
      members.put(id, Member.joining(endpoint, members.size()));
    }
    return Fleet.empty(HardwareProfile.builder(RATE, 50).build(), 0, () -> 1).withMembers(members);
  }

  private static List<String> ids(int count) {
    return IntStream.range(0, count).mapToObj(i -> "gpu-" + i).toList();
  }

  private static List<Candidate> all(Fleet fleet) {
    CandidateSet set = fleet.candidates("");
    return IntStream.range(0, set.size()).mapToObj(set::at).toList();
  }

  private static Set<String> where(Fleet fleet, Predicate<Candidate> condition) {
    Set<String> found = new TreeSet<>();
    all(fleet).stream().filter(condition).forEach(c -> found.add(c.endpoint.id()));
    return found;
  }

  private static Set<String> setAside(Fleet fleet) {
    return where(fleet, candidate -> candidate.outsidePrice() == 0);
  }

  private static void meet(Candidate candidate, int visits, double seconds) {
    for (int i = 0; i < visits; i++) {
      candidate.service.unseen.met(seconds, PREDICTED, EXCEPTIONAL, 1 / RATE);
    }
  }

  /** Requests got stuck at all endpoints alike, as at the beginning. */
  private static Fleet stuckAnywhere(List<String> ids) {
    Fleet fleet = fleet(ids);
    all(fleet).forEach(candidate -> meet(candidate, 1, 10));
    fleet.recalibrate(0);
    return fleet;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 8, 9, 100})
  void itIsTheSameHalfForAllRouters(int size) {
    List<String> ids = new ArrayList<>(ids(size));
    Set<String> one = setAside(stuckAnywhere(ids));
    Collections.shuffle(ids, new Random(5));

    assertThat(one).hasSize((size + 1) / 2);
    assertThat(setAside(stuckAnywhere(ids))).isEqualTo(one);
  }

  @Test
  void anEndpointMoreMovesAtMostOneOfTheOthers() {
    Set<String> before = setAside(stuckAnywhere(ids(20)));

    Set<String> after = setAside(stuckAnywhere(ids(21)));
    after.remove("gpu-20");

    Set<String> moved = new TreeSet<>(before);
    moved.removeAll(after);
    assertThat(moved).hasSizeLessThanOrEqualTo(1);
    assertThat(after).hasSizeBetween(before.size() - 1, before.size() + 1);
  }

  @Test
  void whereNothingUnseenIsMetNothingIsSetAside() {
    Fleet fleet = fleet(ids(4));
    for (Candidate candidate : all(fleet)) {
      meet(candidate, 100, 2 * PREDICTED + EXCEPTIONAL); // late, but not by more than expected
    }
    fleet.recalibrate(0);

    assertThat(all(fleet))
        .allMatch(candidate -> candidate.outsidePrice() == 0 && candidate.unseenSeconds() == 0);
  }

  @Test
  void whereRequestsGetStuckEverywhereHardlyAnythingIsExpectedOfTheSet() {
    Fleet fleet = fleet(ids(4));
    all(fleet).forEach(candidate -> meet(candidate, 1_000, 10));
    fleet.recalibrate(0);

    assertThat(all(fleet)).allMatch(candidate -> candidate.unseenSeconds() < 0.01f);
  }

  @Test
  void whatIsMetInTheSetIsExpectedThereInProportionToSpeed() {
    Fleet fleet = stuckAnywhere(ids(8));
    Set<String> inside = setAside(fleet);
    for (Candidate candidate : all(fleet)) {
      boolean isInside = inside.contains(candidate.endpoint.id());
      meet(candidate, isInside ? 30 : 300, isInside ? 10 : PREDICTED);
    }
    fleet.recalibrate(0);

    assertThat(where(fleet, candidate -> candidate.unseenSeconds() > 0)).isEqualTo(inside);
    for (Candidate candidate : all(fleet)) {
      if (candidate.unseenSeconds() > 0) {
        assertThat(candidate.unseenSeconds()).isCloseTo(9.8, within(0.3));
      }
    }
  }

  @Test
  void anEndpointThatRefusesLongInputsIsNotSetAside() {
    Fleet fleet = stuckAnywhere(ids(4));
    Set<String> before = setAside(fleet);
    String refusing = before.iterator().next();
    all(fleet).stream()
        .filter(candidate -> candidate.endpoint.id().equals(refusing))
        .forEach(candidate -> candidate.refusedInput(50_000));
    fleet.recalibrate(0);

    assertThat(setAside(fleet)).doesNotContain(refusing).hasSize(2);
  }

  @Test
  void whatWasMetIsForgottenByRequestsAndNotByTime() {
    Fleet fleet = stuckAnywhere(ids(2));
    for (int i = 0; i < 1_000; i++) {
      fleet.recalibrate(10);
    }
    assertThat(where(fleet, candidate -> candidate.outsidePrice() > 0)).hasSize(1);

    for (int i = 0; i < 200; i++) {
      for (Candidate candidate : all(fleet)) {
        for (int request = 0; request < 50; request++) {
          candidate.service.firstOutput(PREDICTED, PREDICTED * RATE);
          meet(candidate, 1, PREDICTED);
        }
      }
      fleet.recalibrate(10);
    }
    assertThat(all(fleet)).allMatch(candidate -> candidate.outsidePrice() < 0.01f);
  }

  @Test
  void aLoneEndpointIsNotSetAside() {
    Fleet fleet = stuckAnywhere(ids(1));

    assertThat(all(fleet))
        .allMatch(candidate -> candidate.outsidePrice() == 0 && candidate.unseenSeconds() == 0);
  }
}
