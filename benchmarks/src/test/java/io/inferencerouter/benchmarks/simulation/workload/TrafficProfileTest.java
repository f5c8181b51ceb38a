package io.inferencerouter.benchmarks.simulation.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.benchmarks.simulation.workload.TrafficProfile.Advice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrafficProfileTest {
  private static GeneratedWorkload.Builder same() {
    return GeneratedWorkload.builder("same")
        .requests(2_000)
        .input(Sizes.fixed(800))
        .output(Sizes.logNormal(200, 205));
  }

  private static TrafficProfile.Verdict verdict(GeneratedWorkload.Builder of) {
    return TrafficProfile.of(of.build()).verdict();
  }

  @Test
  void numbersAreThoseOfAHandfulOfRequests(@TempDir Path directory) throws IOException {
    TrafficProfile profile =
        TrafficProfile.of(
            TraceFile.open(
                Traces.write(
                    directory,
                    "t_ms,in_tok,out_tok,tenant,session,model,think_ms,images",
                    "1000,100,10,a,s,m,,2",
                    "1100,300,20,a,s,n,5,0",
                    "1900,500,30,b,t,m,,0",
                    "5000,700,40,,,m,,1")));
    assertThat(profile.requests()).isEqualTo(4);
    assertThat(profile.seconds()).isEqualTo(4);
    assertThat(profile.requestsPerSecond()).isEqualTo(0.75);
    assertThat(profile.peakToMean()).isEqualTo(4);
    assertThat(profile.input().mean()).isEqualTo(400);
    assertThat(profile.input().p50()).isEqualTo(300);
    assertThat(profile.input().max()).isEqualTo(700);
    assertThat(profile.input().variation()).isCloseTo(0.559, within(0.001));
    assertThat(profile.output().mean()).isEqualTo(25);
    assertThat(profile.sessions()).isEqualTo(2);
    assertThat(profile.turnsPerSession()).isEqualTo(1.5);
    assertThat(profile.mostTurns()).isEqualTo(2);
    assertThat(profile.closedLoopShare()).isEqualTo(0.25);
    assertThat(profile.tenants()).isEqualTo(2);
    assertThat(profile.topTenantShare()).isEqualTo(0.5);
    assertThat(profile.models()).isEqualTo(2);
    assertThat(profile.topModelShare()).isEqualTo(0.75);
    assertThat(profile.images()).isEqualTo(3);
  }

  @Test
  void aPrefixCountsAsFarAsItIsKnownInARow(@TempDir Path directory) throws IOException {
    TrafficProfile profile =
        TrafficProfile.of(
            TraceFile.open(
                Traces.write(
                    directory,
                    "t_ms,in_tok,out_tok,blocks",
                    "0,1024,1,0-1",
                    "1,1500,1,0-2",
                    "2,1024,1,9 1",
                    "3,1500,1,0-2")));
    assertThat(profile.prefixReuse()).isCloseTo(2_048.0 / 5_048, within(1e-9));
    assertThat(profile.prefixReuseInTurn()).isZero();
  }

  @Property(tries = 10)
  void reuseIsThatOfASimpleSet(@ForAll @LongRange(min = 1, max = 1_000) long seed) {
    PrefixReuse reuse = new PrefixReuse();
    Set<Long> known = new HashSet<>();
    List<Set<Long>> caches = new java.util.ArrayList<>();
    for (int i = 0; i < PrefixReuse.ENDPOINTS; i++) {
      caches.add(new HashSet<>());
    }
    double hits = 0;
    double hitsInTurn = 0;
    double tokens = 0;
    int number = 0;
    for (SimulatedRequest request : Workloads.byName("dialogues", seed, 800)) {
      reuse.add(request);
      hits += hit(known, request);
      hitsInTurn += hit(caches.get(number++ % PrefixReuse.ENDPOINTS), request);
      tokens += request.inputTokens();
    }
    assertThat(reuse.share()).isCloseTo(hits / tokens, within(1e-12));
    assertThat(reuse.shareInTurn()).isCloseTo(hitsInTurn / tokens, within(1e-12));
  }

  private static int hit(Set<Long> known, SimulatedRequest request) {
    int run = 0;
    while (run < request.blocks().count() && known.contains(request.blocks().id(run))) {
      run++;
    }
    for (long id : request.blocks().toArray()) {
      known.add(id);
    }
    return Math.min(request.inputTokens() / Blocks.TOKENS, run) * Blocks.TOKENS;
  }

  @Test
  void requestsThatCostTheSameNeedNoCosts() {
    TrafficProfile.Verdict verdict = verdict(same());
    assertThat(verdict.advice()).isEqualTo(Advice.PLAIN_IS_ENOUGH);
    assertThat(verdict.reasons().get(0)).startsWith("Plain least outstanding requests is enough");
  }

  @Test
  void unequalInputsPay() {
    TrafficProfile.Verdict verdict = verdict(same().input(Sizes.boundedPareto(1, 500, 60_000)));
    assertThat(verdict.advice()).isEqualTo(Advice.PAYS);
    assertThat(verdict.reasons().get(0)).contains("cost unequal time");
  }

  @Test
  void unequalAnswersMayPayBecauseNobodyKnowsThemBeforehand() {
    TrafficProfile.Verdict verdict = verdict(same().output(Sizes.logNormal(500, 1_500)));
    assertThat(verdict.advice()).isEqualTo(Advice.MAY_PAY);
    assertThat(verdict.reasons().get(0)).contains("little of that shows in their inputs");
  }

  @Test
  void severalModelsPay() {
    assertThat(verdict(same().models(3, 1)).advice()).isEqualTo(Advice.PAYS);
    assertThat(verdict(same().models(1, 1)).advice()).isEqualTo(Advice.PLAIN_IS_ENOUGH);
  }

  @Test
  void conversationsPayAndOnePromptForAllDoesNot() {
    Sessions sessions = Sessions.open(Sizes.fixed(6), Sizes.fixed(100), Sizes.fixed(20));
    TrafficProfile.Verdict verdict = verdict(same().output(Sizes.fixed(100)).sessions(sessions));
    assertThat(verdict.advice()).isEqualTo(Advice.PAYS);
    assertThat(verdict.reasons()).anyMatch(reason -> reason.startsWith("Prefixes come back"));
    TrafficProfile shared = TrafficProfile.of(same().systemPrompts(1, 0, 4_096).build());
    assertThat(shared.prefixReuse()).isGreaterThan(0.8);
    assertThat(shared.verdict().advice()).isEqualTo(Advice.PLAIN_IS_ENOUGH);
  }

  @Test
  void aDominantTenantAndBurstsAreMentioned() {
    List<String> reasons =
        verdict(same().tenants(4, 2, 0).arrivals(Arrivals.gamma(10, 4))).reasons();
    assertThat(reasons).anyMatch(reason -> reason.startsWith("One of 4 tenants sends"));
    assertThat(reasons).anyMatch(reason -> reason.startsWith("Arrivals come in bursts"));
  }
}
