package io.inferencerouter.examples.demo;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.demo.report.Latencies;
import io.inferencerouter.examples.demo.report.PolicyResult;
import io.inferencerouter.examples.demo.scenario.Scenario;
import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.OpenLoop;
import io.inferencerouter.examples.demo.workload.Sender;
import io.inferencerouter.examples.demo.workload.Workload;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Sends a workload through a router with one policy. Everything but the policy is the same in every
 * run; each has a router, connections and a client of its own.
 */
final class PolicyRun {
  private static final Duration PATIENCE = Sender.TIMEOUT.multipliedBy(2);

  private final Scenario scenario;
  private final LoopbackFleet fleet;
  private final Optional<FaultPlan> faults;

  /**
   * Prepares runs.
   *
   * @param faults what befalls the endpoints in each of them; empty for nothing
   */
  PolicyRun(Scenario scenario, LoopbackFleet fleet, Optional<FaultPlan> faults) {
    this.scenario = scenario;
    this.fleet = fleet;
    this.faults = faults;
  }

  /**
   * Runs the workload and waits for all answers.
   *
   * @param answered called after each answer, by any thread
   * @param log hears of each answer when all are in
   */
  PolicyResult run(Policy policy, Workload workload, Runnable answered, Log log)
      throws IOException, InterruptedException {
    fleet.reset();
    FaultCounts counts = new FaultCounts();
    try (TimedRouter router =
            new TimedRouter(
                InferenceRouters.builder()
                    .endpoints(fleet.endpoints())
                    .selector(policy.selector())
                    .listener(counts)
                    .build());
        Sender sender = scenario.sender(router)) {
      OpenLoop clients = new OpenLoop(sender, PATIENCE);
      ProcessorTime processors = ProcessorTime.start();
      OpenLoop.Run run = send(clients, workload, router, answered);
      double processorShare = processors.share();
      LoopbackFleet.ServiceRecord record =
          fleet.takeRecord(run.startNanos(), run.startNanos() + workload.window().toNanos());
      List<Answer> right = right(policy, run.answers(), log);
      return new PolicyResult(
          policy.toString(),
          workload.jobs().size(),
          run.answers().size() - right.size(),
          run.lost(),
          right.size() / ((run.endNanos() - run.startNanos()) / 1e9),
          Latencies.of(right.stream().mapToLong(Answer::latencyNanos)),
          Latencies.of(
              right.stream().filter(Answer::isStreamed).mapToLong(a -> a.outputNanos()[0])),
          Latencies.of(right.stream().flatMapToLong(PolicyRun::gaps)),
          record.utilisation(),
          router.decisions(),
          processorShare,
          record.overrun(),
          faults.map(unused -> counts.reaction()));
    }
  }

  private OpenLoop.Run send(
      OpenLoop clients, Workload workload, InferenceRouter router, Runnable answered)
      throws IOException, InterruptedException {
    if (faults.isEmpty()) {
      return clients.send(workload.jobs(), answered);
    }
    FaultPlan.UnderWay underWay =
        faults
            .get()
            .start(
                workload.window(),
                name -> {
                  var unused = router.remove(name);
                });
    try (underWay) {
      return clients.send(workload.jobs(), answered);
    }
  }

  private List<Answer> right(Policy policy, List<Answer> answers, Log log)
      throws IOException, InterruptedException {
    List<Answer> right = new ArrayList<>();
    for (Answer answer : answers) {
      Optional<String> problem = answer.job().problem(answer);
      log.add(policy.toString(), answer, problem.orElse(""));
      if (problem.isEmpty()) {
        right.add(answer);
      }
    }
    return right;
  }

  private static LongStream gaps(Answer answer) {
    long[] outputs = answer.outputNanos();
    return IntStream.range(1, outputs.length).mapToLong(i -> outputs[i] - outputs[i - 1]);
  }

  /** Where the answers are written down. */
  @FunctionalInterface
  interface Log {
    /**
     * Writes down an answer.
     *
     * @param problem what is wrong with it; empty when nothing is
     */
    void add(String policy, Answer answer, String problem) throws IOException;
  }
}
