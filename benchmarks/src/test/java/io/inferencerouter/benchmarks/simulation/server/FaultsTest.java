package io.inferencerouter.benchmarks.simulation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import io.inferencerouter.benchmarks.simulation.workload.Workload.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FaultsTest {
  private static final long SECOND = 1_000_000_000L;

  private final EventLoop loop = new EventLoop();

  private ModelledServer server(Kind kind) {
    return Servers.create(Endpoints.of(Endpoints.H100), kind, loop, new SplittableRandom(7));
  }

  /** Something that takes about ten seconds. */
  private static SimulatedRequest large(Kind kind) {
    return switch (kind) {
      case GENERATION -> SimulatedRequest.text(0, 100, 1_500);
      case ENCODING -> SimulatedRequest.text(0, 220_000, 0);
      case JOBS -> Endpoints.job(10 * SECOND);
    };
  }

  private double secondsOf(Kind kind) {
    EventLoop fresh = new EventLoop();
    ModelledServer server =
        Servers.create(Endpoints.of(Endpoints.H100), kind, fresh, new SplittableRandom(7));
    Answer answer = Answer.to(large(kind), server, fresh);
    Answer.run(fresh);
    return answer.endNanos / 1e9;
  }

  @ParameterizedTest
  @EnumSource
  void slownessCountsFromNowOn(Kind kind) {
    ModelledServer server = server(kind);
    Answer answer = Answer.to(large(kind), server, loop);
    loop.at(2 * SECOND, () -> server.slow(3));
    loop.at(5 * SECOND, () -> server.slow(1));
    Answer.run(loop);
    assertThat(answer.endNanos / 1e9).isCloseTo(secondsOf(kind) + 2, within(1e-6));
    assertThat(server.totals().busyNanos() / 1e9).isCloseTo(secondsOf(kind) + 2, within(1e-6));
  }

  @ParameterizedTest
  @EnumSource
  void aStallPutsEverythingOff(Kind kind) {
    ModelledServer server = server(kind);
    Answer answer = Answer.to(large(kind), server, loop);
    List<Answer> late = new ArrayList<>();
    loop.at(2 * SECOND, server::stall);
    loop.at(3 * SECOND, () -> server.slow(2));
    loop.at(
        4 * SECOND,
        () -> {
          late.add(Answer.to(large(kind), server, loop));
          assertThat(server.trueFinishMillis(large(kind))).isInfinite();
          server.slow(1);
        });
    loop.at(9 * SECOND, server::resume);
    Answer.runUntil(loop, 2 * SECOND);
    long told = server.totals().finished();
    Answer.runUntil(loop, 9 * SECOND - 1);
    assertThat(server.totals().finished()).isEqualTo(told);
    Answer.run(loop);
    assertThat(answer.endNanos / 1e9)
        .isBetween(secondsOf(kind) + 7 - 1e-6, 1.1 * secondsOf(kind) + 7);
    assertThat(late).hasSize(1).allMatch(Answer::isFinished);
  }

  @ParameterizedTest
  @EnumSource
  void aCrashLosesAllAndRefusesTillTheRestart(Kind kind) {
    ModelledServer server = server(kind);
    Answer lost = Answer.to(large(kind), server, loop);
    Answer[] later = new Answer[2];
    loop.at(SECOND, server::crash);
    loop.at(2 * SECOND, () -> later[0] = Answer.to(large(kind), server, loop));
    loop.at(3 * SECOND, server::restart);
    loop.at(4 * SECOND, () -> later[1] = Answer.to(large(kind), server, loop));
    Answer.run(loop);
    assertThat(lost.failure).isEqualTo(Failure.RESET);
    assertThat(lost.endNanos).isEqualTo(SECOND);
    assertThat(later[0].failure).isEqualTo(Failure.REFUSED);
    assertThat(later[0].endNanos).isEqualTo(2 * SECOND);
    assertThat(later[1].isFinished()).isTrue();
    assertThat(later[1].endNanos / 1e9).isCloseTo(4 + secondsOf(kind), within(1e-6));
    assertThat(server.totals().wastedNanos()).isGreaterThan(0.9e9);
  }

  @Test
  void aRestartForgetsPrefixes() {
    ModelledServer server = server(Kind.GENERATION);
    Answer.to(Endpoints.request(0, 1_000, 2, "", 1, 2), server, loop);
    loop.at(SECOND, server::restart);
    Answer second = Answer.to(Endpoints.request(2 * SECOND, 1_000, 2, "", 1, 2), server, loop);
    Answer third = Answer.to(Endpoints.request(3 * SECOND, 1_000, 2, "", 1, 2), server, loop);
    Answer.run(loop);
    assertThat(second.cachedTokens).isZero();
    assertThat(third.cachedTokens).isEqualTo(999);
  }

  @Test
  void requestsFailAtOnceWithTheProbabilityAskedFor() {
    ModelledServer server = server(Kind.JOBS);
    server.fail(0.3);
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      answers.add(Answer.to(Endpoints.job(1_000), server, loop));
    }
    Answer.run(loop);
    long failed = answers.stream().filter(answer -> answer.failure == Failure.ERROR).count();
    assertThat(failed).isBetween(500L, 700L);
    assertThat(answers).allMatch(answer -> answer.ends == 1);
  }

  @Test
  void noiseKeepsTheMean() {
    ModelledServer server = server(Kind.JOBS);
    server.noise(0.5);
    double sum = 0;
    int count = 4_000;
    for (int i = 0; i < count; i++) {
      long start = loop.nanos();
      Answer answer = Answer.to(job(start), server, loop);
      Answer.run(loop);
      sum += (answer.endNanos - start) / 1e9;
    }
    assertThat(sum / count).isCloseTo(1 * secondsOf(Kind.JOBS) / 10, within(0.05));
  }

  private static SimulatedRequest job(long nanos) {
    SimulatedRequest job = Endpoints.job(SECOND);
    return new SimulatedRequest(
        nanos,
        1,
        0,
        "",
        "",
        0,
        "",
        job.blocks(),
        1,
        0,
        0,
        SimulatedRequest.OPEN_LOOP,
        SECOND,
        "",
        job.priority());
  }

  @Property(tries = 150)
  void whateverHappensEachRequestEndsOnce(@ForAll long seed, @ForAll Kind kind) {
    SplittableRandom random = new SplittableRandom(seed);
    EventLoop events = new EventLoop();
    ModelledServer server =
        Servers.create(
            Endpoints.of(Endpoints.withMemory(Endpoints.H100, 9_000), 8),
            kind,
            events,
            new SplittableRandom(seed));
    List<Answer> answers = new ArrayList<>();
    boolean[] cancelled = new boolean[120];
    for (int i = 0; i < cancelled.length; i++) {
      long at = random.nextLong(5 * SECOND);
      int output = kind == Kind.GENERATION ? random.nextInt(1, 400) : 0;
      Answer answer = new Answer(events);
      answers.add(answer);
      SimulatedRequest request =
          kind == Kind.JOBS
              ? Endpoints.job(random.nextLong(SECOND))
              : Endpoints.request(
                  at,
                  random.nextInt(1, 6_000),
                  output,
                  random.nextBoolean() ? "" : "m" + random.nextInt(3),
                  random.nextInt(5),
                  5 + random.nextInt(5));
      events.at(at, () -> server.submit(request, answer));
      if (random.nextInt(4) == 0) {
        int index = i;
        events.at(
            at + random.nextLong(2 * SECOND),
            () -> {
              cancelled[index] = answer.ends == 0;
              server.cancel(answer);
            });
      }
    }
    for (int i = 0; i < 12; i++) {
      Runnable fault =
          switch (random.nextInt(7)) {
            case 0 -> () -> server.slow(5);
            case 1 -> () -> server.slow(1);
            case 2 -> server::stall;
            case 3 -> server::resume;
            case 4 -> () -> server.noise(0.4);
            case 5 -> server::crash;
            default -> server::restart;
          };
      events.at(random.nextLong(6 * SECOND), fault);
    }
    events.at(7 * SECOND, server::resume);
    Answer.run(events);
    for (int i = 0; i < cancelled.length; i++) {
      assertThat(answers.get(i).ends).as("ends of %s", i).isEqualTo(cancelled[i] ? 0 : 1);
    }
    assertThat(server.metrics().running()).isZero();
    assertThat(server.metrics().waiting()).isZero();
    assertThat(server.metrics().waitingTokens()).isZero();
  }
}
