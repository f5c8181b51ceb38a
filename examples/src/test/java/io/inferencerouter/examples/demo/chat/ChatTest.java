package io.inferencerouter.examples.demo.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.examples.demo.scenario.Capacity;
import io.inferencerouter.examples.demo.scenario.FleetKind;
import io.inferencerouter.examples.demo.scenario.Settings;
import io.inferencerouter.examples.demo.transport.Transport;
import io.inferencerouter.examples.demo.workload.Job;
import io.inferencerouter.examples.demo.workload.Workload;
import io.inferencerouter.examples.languagemodel.LoadedKjv;
import io.inferencerouter.examples.languagemodel.Pace;
import io.inferencerouter.examples.languagemodel.TinyKjv;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChatTest {
  private static final ModelSpeed MACHINE = new ModelSpeed(40_000, 360_000);
  private static final double PROCESSORS = 2;
  private static final Chat HUNDRED = chat(1, 100);

  @Test
  void equalSeedsGiveEqualQuestionsAndAnswers() {
    assertThat(jobs(5, 12)).isEqualTo(jobs(5, 12)).isNotEqualTo(jobs(6, 12));
  }

  @Test
  void questionsAndAnswersAreOfVeryDifferentLength() {
    List<Job> jobs = HUNDRED.workload().jobs();

    Map<String, Long> kinds =
        jobs.stream().collect(Collectors.groupingBy(Job::kind, Collectors.counting()));
    for (ChatKind kind : ChatKind.values()) {
      assertThat(kinds).containsEntry(kind.toString(), (long) kind.perHundred());
    }
    assertThat(Arrays.stream(ChatKind.values()).mapToInt(ChatKind::perHundred).sum())
        .isEqualTo(100);
    for (Job job : jobs) {
      assertThat(job.outputTokens()).isBetween(1, ChatSource.MAX_TOKENS);
      assertThat(job.inputTokens()).isBetween(15, TinyKjv.CONTEXT - ChatSource.MAX_TOKENS);
    }
    assertThat(jobs).extracting(Job::inputTokens).anyMatch(n -> n > 400).anyMatch(n -> n < 60);
    assertThat(jobs).extracting(Job::outputTokens).anyMatch(n -> n == 160).anyMatch(n -> n < 30);
    assertThat(jobs.stream().map(Job::outputTokens).distinct()).hasSizeGreaterThan(20);
  }

  @ParameterizedTest
  @EnumSource
  void noFleetNeedsTooMuchOfTwoProcessorsOrOverloadsItsSlowestEndpoint(FleetKind kind) {
    double input = HUNDRED.workload().inputTokens() / 100.0;
    double output = HUNDRED.workload().outputTokens() / 100.0;
    Capacity capacity = ChatFleet.of(kind, MACHINE).capacity(input, output);

    double perSecond = kind.defaultLoad() * capacity.total();
    double processors =
        perSecond * (input * MACHINE.inputNanos() + output * MACHINE.outputNanos()) / 1e9;
    // The other half is for HTTP, for what batches of long texts need more, and for the rest
    assertThat(processors / PROCESSORS).isLessThan(0.35);
    assertThat(capacity.slowestBusyWithEqualShares(kind.defaultLoad())).isLessThan(0.95);
  }

  @Test
  void theWindowIsThatInWhichTheFleetIsBusyToTheGivenDegree() {
    double perSecond = 100 / (HUNDRED.workload().window().toNanos() / 1e9);
    assertThat(perSecond / HUNDRED.capacity().total())
        .isEqualTo(FleetKind.MIXED.defaultLoad(), within(1e-6));
  }

  @Test
  void gpusDifferInPromptsOtherwiseThanInAnswers() {
    Pace h100 = Gpu.H100.pace(MACHINE);
    Pace a100 = Gpu.A100.pace(MACHINE);
    Pace l40s = Gpu.L40S.pace(MACHINE);

    assertThat(a100.inputNanos() / h100.inputNanos()).isEqualTo(3.2, within(1e-9));
    assertThat(a100.outputNanos() / h100.outputNanos()).isEqualTo(1.7, within(1e-9));
    assertThat(l40s.inputNanos()).isLessThan(a100.inputNanos());
    assertThat(l40s.outputNanos()).isGreaterThan(a100.outputNanos());
    assertThat(h100.inputNanos()).isGreaterThan(MACHINE.inputNanos());
  }

  @Test
  void theCapacityIsThatOfFullEngines() {
    ChatFleet fleet = new ChatFleet(List.of(new ChatFleet.Replica("one", Gpu.H100)), MACHINE);
    Pace pace = Gpu.H100.pace(MACHINE);

    double seconds = (100 * pace.inputNanos() + 40 * pace.stepNanos(8) / 8.0) / 1e9;
    assertThat(fleet.capacity(100, 41).total()).isEqualTo(1 / seconds, within(1e-6));
  }

  @Test
  void theMachineIsMeasured() throws Exception {
    ModelSpeed speed =
        ModelSpeed.measure(LoadedKjv.get(), String.join("\n", ChatSource.verses()), Duration.ZERO);

    assertThat(speed.inputNanos()).isPositive();
    assertThat(speed.outputNanos()).isGreaterThan(speed.inputNanos());
    assertThat(speed.atMost(1, 2)).isEqualTo(new ModelSpeed(1, 2));
    assertThat(speed.atMost(1e9, 1e9)).isEqualTo(speed);
  }

  private static List<Job> jobs(long seed, int requests) {
    return chat(seed, requests).workload().jobs();
  }

  private static Chat chat(long seed, int requests) {
    FleetKind kind = FleetKind.MIXED;
    try {
      return Chat.of(
          new Settings(
              Transport.HTTP, kind, kind.defaultLoad(), Workload.Size.requests(requests), seed),
          LoadedKjv.get(),
          MACHINE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
