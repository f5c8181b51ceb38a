package io.inferencerouter.core.internal.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.OutstandingWork;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What is believed to be ahead of a request that is being reserved. */
class LessonsTest {
  private static final int INPUT_MICROS = 250_000;
  private static final int OUTPUT_MICROS = 1_000_000;

  private static Candidate candidate(int lanes) {
    HardwareProfile profile = HardwareProfile.builder(1_000, 50).parallelism(lanes).build();
    Endpoint endpoint =
        Endpoint.builder("a", "http://a").profile(profile).maxConcurrency(1_000).build();
    return Fleet.empty(profile, 0, () -> 1)
        .withMembers(Map.of(endpoint.id(), Member.joining(endpoint, 0)))
        .candidates("")
        .at(0);
  }

  /** Of those who are being read, half is done; the others wait. Lanes work side by side. */
  @Property
  void whatIsAheadIsAllThatIsUnansweredLessHalfOfWhatIsBeingRead(
      @ForAll @IntRange(min = 1, max = 200) int lanes,
      @ForAll @IntRange(max = 400) int unanswered,
      @ForAll @IntRange(max = 100) int writing) {
    Candidate candidate = candidate(lanes);
    OutstandingWork work = candidate.work;
    for (int i = 0; i < writing + unanswered; i++) {
      assertThat(work.enter(candidate.slots, INPUT_MICROS, OUTPUT_MICROS, 1, 0)).isTrue();
    }
    for (int i = 0; i < writing; i++) {
      work.startDecoding();
      work.returnInput(INPUT_MICROS, 0, 1);
    }

    double seconds = Lessons.aheadSeconds(candidate, work.admissionWord(), work.decoding());

    double left = unanswered - 0.5 * Math.min(unanswered, lanes);
    boolean isLaneFree = writing + unanswered < lanes;
    double expected = isLaneFree ? 0 : left * INPUT_MICROS * 1e-6 / lanes;
    assertThat(seconds).isCloseTo(expected, within(1e-6 * expected));
  }
}
