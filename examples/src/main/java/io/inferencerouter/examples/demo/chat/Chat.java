package io.inferencerouter.examples.demo.chat;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.examples.demo.report.Headline;
import io.inferencerouter.examples.demo.scenario.Capacity;
import io.inferencerouter.examples.demo.scenario.Scenario;
import io.inferencerouter.examples.demo.scenario.Settings;
import io.inferencerouter.examples.demo.transport.BodyReader;
import io.inferencerouter.examples.demo.transport.HttpSender;
import io.inferencerouter.examples.demo.workload.Sender;
import io.inferencerouter.examples.demo.workload.Workload;
import io.inferencerouter.examples.languagemodel.CompletionServer;
import io.inferencerouter.examples.languagemodel.Pace;
import io.inferencerouter.examples.languagemodel.TinyKjv;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The work of an assistant: answers are wanted soon, and are read as they are generated. */
public final class Chat implements Scenario {
  private static final Duration CALIBRATION_WARM_UP = Duration.ofMillis(1500);

  /**
   * The longest times for a token from which slow-downs count. They keep the run short on a slow or
   * busy machine, at the price of less room between real computing and stated time.
   */
  private static final double SLOWEST_INPUT_NANOS = 45_000;

  private static final double SLOWEST_OUTPUT_NANOS = 400_000;

  private static final int WARM_UP_REQUESTS = 40;
  private static final int WARM_UP_TOKENS = 12;
  private static final Duration WARM_UP_SPACING = Duration.ofMillis(20);

  private final TinyKjv model;
  private final ChatFleet fleet;
  private final Workload workload;
  private final Capacity capacity;

  private Chat(TinyKjv model, ChatFleet fleet, Workload workload, Capacity capacity) {
    this.model = model;
    this.fleet = fleet;
    this.workload = workload;
    this.capacity = capacity;
  }

  /** Loads the model, measures this machine, draws the questions and finds the answers. */
  public static Chat prepare(Settings settings, Announcer announcer) throws IOException {
    TinyKjv model = TinyKjv.load();
    try {
      announcer.say(
          "Model     %s, 0.93 million parameters, on ONNX Runtime, streaming", TinyKjv.NAME);
      ModelSpeed measured =
          ModelSpeed.measure(model, String.join("\n", ChatSource.verses()), CALIBRATION_WARM_UP);
      ModelSpeed unit = measured.atMost(SLOWEST_INPUT_NANOS, SLOWEST_OUTPUT_NANOS);
      announcer.say(
          "Machine   %d processors; one reads a token in %.3f ms and generates one in %.3f ms,"
              + " slow-downs count from %.3f and %.3f ms",
          Runtime.getRuntime().availableProcessors(),
          measured.inputNanos() / 1e6,
          measured.outputNanos() / 1e6,
          unit.inputNanos() / 1e6,
          unit.outputNanos() / 1e6);
      Chat chat = of(settings, model, unit);
      chat.announce(settings, announcer);
      return chat;
    } catch (IOException e) {
      model.close();
      throw e;
    }
  }

  /** As {@link #prepare}, with a model that is loaded and a machine whose speed is known. */
  static Chat of(Settings settings, TinyKjv model, ModelSpeed unit) throws IOException {
    ChatFleet fleet = ChatFleet.of(settings.fleet(), unit);
    ChatSource source = new ChatSource(settings.seed(), model, fleet, settings.load());
    Workload workload = Workload.draw(settings.seed(), settings.size(), source);
    return new Chat(model, fleet, workload, source.capacity());
  }

  @Override
  public String model() {
    return TinyKjv.NAME;
  }

  @Override
  public Sender sender(InferenceRouter router) {
    return HttpSender.over(router, CompletionServer.CHAT, BodyReader.CHAT_STREAM);
  }

  @Override
  public Headline headline() {
    return Headline.FIRST_TOKEN;
  }

  @Override
  public Capacity capacity() {
    return capacity;
  }

  @Override
  public List<Launcher> servers() {
    return fleet.endpoints().stream().map(this::launcher).toList();
  }

  private Launcher launcher(ChatFleet.Replica replica) {
    Pace pace = replica.gpu().pace(fleet.machine());
    return () -> CompletionServer.start(replica.name(), model, pace, ChatFleet.SLOTS);
  }

  @Override
  public Workload workload() {
    return workload;
  }

  @Override
  public Workload warmUp() throws IOException {
    ChatSource source = new ChatSource(0, model, fleet, 1);
    List<Workload.Draft> questions = new ArrayList<>();
    for (int i = 0; i < WARM_UP_REQUESTS; i++) {
      questions.add(source.draft(source.question(ChatKind.QUESTION, WARM_UP_TOKENS)));
    }
    return Workload.even(questions, WARM_UP_SPACING);
  }

  @Override
  public void close() throws IOException {
    model.close();
  }

  private void announce(Settings settings, Announcer announcer) {
    announcer.say(
        "Fleet     %s: real engines on loopback, slowed down to stand for GPUs", settings.fleet());
    for (ChatFleet.Replica replica : fleet.endpoints()) {
      Pace pace = replica.gpu().pace(fleet.machine());
      announcer.say(
          "          %-8s slow-down %4.1f for prompts (%5.0f tokens/s), %5.1f for answers"
              + " (%4.1f tokens/s), %d slots",
          replica.name(),
          replica.gpu().inputSlowDown(),
          1e9 / pace.inputNanos(),
          replica.gpu().outputSlowDown(),
          1e9 / pace.outputNanos(),
          ChatFleet.SLOTS);
    }
    announcer.say(
        "Workload  %d questions with %d tokens, answers with %d, in bursts over %.0f s; seed %d",
        workload.jobs().size(),
        workload.inputTokens(),
        workload.outputTokens(),
        workload.window().toMillis() / 1e3,
        settings.seed());
  }
}
