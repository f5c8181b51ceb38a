package io.inferencerouter.benchmarks.simulation.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Priority;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GeneratedWorkloadTest {
  private static GeneratedWorkload.Builder chat() {
    return GeneratedWorkload.builder("test").requests(2_000).seed(5);
  }

  private static GeneratedWorkload.Builder conversations(boolean closed, int systemTokens) {
    Sizes turns = Sizes.fixed(5);
    Sizes added = Sizes.logNormal(200, 300);
    Sizes think = Sizes.logNormal(5, 8);
    return chat()
        .systemPrompts(3, 1, systemTokens)
        .sessions(
            closed ? Sessions.closed(turns, added, think) : Sessions.open(turns, added, think));
  }

  @Test
  void theSameSeedGivesTheSameRequestsAndAnotherSeedOthers() {
    List<SimulatedRequest> requests = Traces.all(conversations(false, 1_000).build());
    assertThat(Traces.all(conversations(false, 1_000).build())).isEqualTo(requests);
    assertThat(Traces.all(conversations(false, 1_000).seed(6).build())).isNotEqualTo(requests);
  }

  @Test
  void anotherAspectLeavesTimesAndSizesAsTheyWere() {
    List<SimulatedRequest> plain = Traces.all(chat().build());
    List<SimulatedRequest> rich =
        Traces.all(chat().tenants(9, 1, 0).models(4, 1).regions("eu", "us").build());
    for (int i = 0; i < plain.size(); i++) {
      assertThat(rich.get(i).arrivalNanos()).isEqualTo(plain.get(i).arrivalNanos());
      assertThat(rich.get(i).inputTokens()).isEqualTo(plain.get(i).inputTokens());
      assertThat(rich.get(i).outputTokens()).isEqualTo(plain.get(i).outputTokens());
    }
    assertThat(rich).extracting(SimulatedRequest::model).contains("model-1", "model-4");
    assertThat(rich).extracting(SimulatedRequest::region).containsOnly("eu", "us");
  }

  @Test
  void whatIsBuiltDoesNotChangeWithItsBuilder() {
    GeneratedWorkload.Builder builder = chat();
    Workload built = builder.build();
    List<SimulatedRequest> before = Traces.all(built);
    builder.requests(1).input(Sizes.fixed(1));
    assertThat(Traces.all(built)).isEqualTo(before);
  }

  @Property(tries = 12)
  void aTurnBeginsWithAllThatWasSaidBefore(
      @ForAll @IntRange(min = 1, max = 3_000) int systemTokens) {
    Map<String, SimulatedRequest> latest = new HashMap<>();
    long lastNanos = 0;
    for (SimulatedRequest request : conversations(true, systemTokens).build()) {
      assertThat(request.arrivalNanos()).isGreaterThanOrEqualTo(lastNanos);
      lastNanos = request.arrivalNanos();
      assertThat(request.isClosedLoop()).isTrue();
      int input = request.inputTokens();
      assertThat(request.blocks().count()).isEqualTo((input + Blocks.TOKENS - 1) / Blocks.TOKENS);
      SimulatedRequest before = latest.put(request.session(), request);
      if (before == null) {
        assertThat(request.turn()).isZero();
        continue;
      }
      assertThat(request.turn()).isEqualTo(before.turn() + 1);
      assertThat(input).isGreaterThan(before.inputTokens() + before.outputTokens());
      int full = before.inputTokens() / Blocks.TOKENS;
      assertThat(common(before.blocks(), request.blocks())).isEqualTo(full);
    }
    assertThat(latest).hasSizeGreaterThan(300);
  }

  @Test
  void sessionsShareTheFullBlocksOfTheirSystemPromptAndNoMore() {
    Map<Long, Integer> families = new HashMap<>();
    List<SimulatedRequest> firsts =
        Traces.all(conversations(false, 2 * Blocks.TOKENS + 100).build()).stream()
            .filter(request -> request.turn() == 0)
            .toList();
    for (SimulatedRequest request : firsts) {
      families.merge(request.blocks().id(0), 1, Integer::sum);
      for (SimulatedRequest other : firsts.subList(0, 20)) {
        if (!other.session().equals(request.session())) {
          assertThat(common(request.blocks(), other.blocks())).isIn(0, 2);
        }
      }
    }
    assertThat(families).hasSize(3);
  }

  @Test
  void aSessionEndsBeforeItsContextIsFull() {
    Sessions sessions =
        new Sessions(Sizes.fixed(50), Sizes.fixed(400), Sizes.fixed(1), false, 4_000);
    Workload workload = chat().input(Sizes.logNormal(1_000, 1_500)).sessions(sessions).build();
    assertThat(workload).allMatch(request -> request.inputTokens() <= 4_000);
    assertThat(Traces.all(workload)).anyMatch(request -> request.turn() >= 4);
  }

  @Test
  void tenantsHaveSizesOfTheirOwn() {
    Map<String, Sample> inputs = new HashMap<>();
    chat()
        .input(Sizes.fixed(10_000))
        .tenants(5, 0, 1)
        .build()
        .forEach(
            request ->
                inputs
                    .computeIfAbsent(request.tenant(), tenant -> new Sample())
                    .add(request.inputTokens()));
    assertThat(inputs).hasSize(5);
    assertThat(inputs.values()).allMatch(sample -> sample.deviation() < 1e-6);
    assertThat(inputs.values().stream().map(Sample::mean).distinct()).hasSize(5);
  }

  @Test
  void imagesAddToTheInput() {
    Workload workload =
        chat()
            .input(Sizes.fixed(50))
            .images(Sizes.mixture(0.3, Sizes.fixed(0), Sizes.fixed(2)), Sizes.fixed(300))
            .build();
    int without = 0;
    for (SimulatedRequest request : workload) {
      assertThat(request.textTokens()).isEqualTo(50);
      assertThat(request.imageTokens()).isEqualTo(300 * request.images());
      assertThat(request.inputTokens()).isEqualTo(50 + request.imageTokens());
      without += request.images() == 0 ? 1 : 0;
    }
    assertThat(without / 2_000.0).isCloseTo(0.3, within(0.05));
  }

  @Test
  void jobsTakeTheirTimePerPage() {
    Workload workload = chat().input(Sizes.fixed(50)).jobs(Sizes.fixed(240)).build();
    assertThat(workload.kind()).isEqualTo(Workload.Kind.JOBS);
    assertThat(workload).allMatch(request -> request.workNanos() == 12_000_000_000L);
    assertThat(workload).allMatch(request -> request.outputTokens() == 0);
  }

  @Test
  void prioritiesHaveTheirShares() {
    List<SimulatedRequest> requests = Traces.all(chat().priorities(0.2, 0.5).build());
    long critical = requests.stream().filter(r -> r.priority() == Priority.CRITICAL).count();
    long background = requests.stream().filter(r -> r.priority() == Priority.BACKGROUND).count();
    assertThat(critical / 2_000.0).isCloseTo(0.2, within(0.04));
    assertThat(background / 2_000.0).isCloseTo(0.5, within(0.04));
  }

  @Test
  void whatIsOutOfRangeOrDoesNotFitIsNamed() {
    assertThatThrownBy(() -> chat().requests(0)).hasMessageStartingWith("requests: 0 (expected: 1");
    assertThatThrownBy(() -> chat().tenants(0, 1, 0))
        .hasMessageStartingWith("tenants: 0 (expected");
    assertThatThrownBy(() -> chat().models(2, -1))
        .hasMessageStartingWith("models exponent: -1.0 (expected");
    assertThatThrownBy(() -> chat().priorities(0.7, 0.7))
        .hasMessageStartingWith("background: 0.7 (expected");
    assertThatThrownBy(() -> conversations(true, 1).encoding().build())
        .hasMessageContaining("ENCODING (expected: for GENERATION");
  }

  private static int common(Blocks one, Blocks other) {
    int count = 0;
    while (count < one.count() && count < other.count() && one.id(count) == other.id(count)) {
      count++;
    }
    return count;
  }
}
