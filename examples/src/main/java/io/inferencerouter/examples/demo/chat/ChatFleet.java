package io.inferencerouter.examples.demo.chat;

import io.inferencerouter.examples.demo.scenario.Capacity;
import io.inferencerouter.examples.demo.scenario.FleetKind;
import io.inferencerouter.examples.languagemodel.Pace;
import java.util.List;

/**
 * The endpoints for chat.
 *
 * @param endpoints at least one
 * @param machine the unit of their slow-downs
 */
record ChatFleet(List<Replica> endpoints, ModelSpeed machine) {
  /** How many requests each endpoint serves at a time. */
  static final int SLOTS = 8;

  ChatFleet {
    endpoints = List.copyOf(endpoints);
  }

  static ChatFleet of(FleetKind kind, ModelSpeed machine) {
    return switch (kind) {
      case MIXED ->
          new ChatFleet(
              List.of(
                  new Replica("h100-1", Gpu.H100),
                  new Replica("h100-2", Gpu.H100),
                  new Replica("a100-1", Gpu.A100),
                  new Replica("a100-2", Gpu.A100),
                  new Replica("l40s", Gpu.L40S)),
              machine);
      case UNIFORM ->
          new ChatFleet(
              List.of(
                  new Replica("a100-1", Gpu.A100),
                  new Replica("a100-2", Gpu.A100),
                  new Replica("a100-3", Gpu.A100),
                  new Replica("a100-4", Gpu.A100),
                  new Replica("a100-5", Gpu.A100)),
              machine);
    };
  }

  /**
   * In requests per second. With all slots taken, a request of mean size costs an engine the time
   * for its prompt, in which all others wait, and its share of the steps for its tokens; the first
   * token comes with the prompt.
   *
   * @param meanInput tokens of a prompt
   * @param meanOutput tokens of an answer
   */
  Capacity capacity(double meanInput, double meanOutput) {
    return new Capacity(
        endpoints.stream()
            .map(replica -> replica.gpu().pace(machine))
            .map(pace -> 1e9 / nanosPerRequest(pace, meanInput, meanOutput))
            .toList());
  }

  private static double nanosPerRequest(Pace pace, double input, double output) {
    return pace.inputNanos() * input + (output - 1) * pace.stepNanos(SLOTS) / SLOTS;
  }

  /**
   * One endpoint.
   *
   * @param name its name
   * @param gpu what it stands for
   */
  record Replica(String name, Gpu gpu) {}
}
