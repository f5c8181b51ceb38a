package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.ServedModel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FleetTest {
  private static final String MODEL = "m";
  private static final Set<String> ANYWHERE = Set.of();

  private static final HardwareProfile PROFILE = HardwareProfile.builder(1_000, 50).build();

  private final Endpoint endpoint =
      Endpoint.builder("a", "http://a")
          .model(served("1"))
          .model(served("2"))
          .model(served("3"))
          .build();
  private final Member member = Member.joining(endpoint, 0);
  private final Fleet before =
      Fleet.empty(PROFILE, 0, () -> 1).withMembers(Map.of(endpoint.id(), member));

  private static ServedModel served(String version) {
    return ServedModel.builder(MODEL).version(version).profile(PROFILE).build();
  }

  private static Candidate candidate(Fleet fleet, String version) {
    return fleet.candidates(MODEL, version, ANYWHERE).at(0);
  }

  private static void learnsThatItIsSlow(Candidate candidate) {
    for (int i = 0; i < 100; i++) {
      candidate.service.firstOutput(4, 1_000);
    }
  }

  /** A request has read the fleet, is overtaken by a change, and only then asks for a version. */
  @ParameterizedTest
  @ValueSource(strings = {"1", "2", "3"})
  void aVersionAskedForInAnOldFleetDoesNotCutTheNewOneOffFromWhatIsLearned(String version) {
    Fleet after = before.with(List.of(member.declaredAs(endpoint)));
    Candidate current = candidate(after, version);

    Candidate stale = candidate(before, version);
    learnsThatItIsSlow(stale);

    assertThat(current).isNotSameAs(stale);
    assertThat(current.service).isSameAs(stale.service);
    assertThat(current.secondsPerInputUnit())
        .isEqualTo(current.service.secondsPerInputUnit())
        .isGreaterThan(2f / 1_000);
  }

  @Test
  void whatIsLearnedOfAVersionReachesEverySetThatItIsInAndNoOtherVersion() {
    Candidate ofVersion = candidate(before, "2");

    learnsThatItIsSlow(ofVersion);

    assertThat(ofVersion.secondsPerInputUnit()).isGreaterThan(2f / 1_000);
    assertThat(before.candidates(MODEL, "2", Set.of(endpoint.region())).at(0)).isSameAs(ofVersion);
    assertThat(List.of(candidate(before, "1"), candidate(before, "3")))
        .allMatch(other -> other.secondsPerInputUnit() == 1f / 1_000);
  }
}
