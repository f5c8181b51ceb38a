package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The generated workloads that have a name.
 *
 * <p>Sizes of chat follow percentiles of the Azure LLM inference trace 2023 (Patel et al.,
 * "Splitwise", ISCA 2024); those of agents, of the Mooncake trace (Qin et al., "Mooncake", FAST
 * 2025); those of vision, of ServeGen (Xiang et al., "ServeGen", 2025).
 */
final class Catalogue {
  private interface Options {
    GeneratedWorkload.Builder set(GeneratedWorkload.Builder of);
  }

  private record Entry(String description, Options options) {}

  private static final double RATE = 10;
  private static final String DIURNAL = "diurnal";
  private static final int DAYS = 2;
  private static final double SWING = 0.6;

  private static final Sizes CHAT_INPUT =
      Sizes.percentiles(
          0, 2, 0.01, 29, 0.05, 180, 0.10, 207, 0.25, 396, 0.5, 1_020, 0.75, 1_190, 0.9, 2_735,
          0.95, 4_083, 0.99, 4_142, 0.999, 6_212, 1, 14_050);
  private static final Sizes CHAT_OUTPUT =
      Sizes.percentiles(
          0, 7, 0.01, 16, 0.05, 41, 0.1, 54, 0.25, 85, 0.5, 129, 0.6, 230, 0.75, 395, 0.9, 424,
          0.95, 451, 0.99, 601, 0.999, 954, 1, 1_000);

  private static final Sizes AGENT_INPUT =
      Sizes.percentiles(
          0, 380, 0.1, 395, 0.25, 830, 0.5, 4_750, 0.75, 12_500, 0.9, 25_000, 0.95, 38_000, 0.99,
          89_000, 0.999, 121_000, 1, 125_000);
  private static final Sizes AGENT_OUTPUT =
      Sizes.percentiles(
          0, 1, 0.01, 3, 0.05, 10, 0.1, 24, 0.25, 156, 0.5, 350, 0.75, 472, 0.9, 597, 0.95, 698,
          0.99, 1_120, 0.999, 2_000, 1, 2_000);
  private static final Sizes AGENT_ADDITION =
      Sizes.percentiles(
          0, 1, 0.2, 7, 0.5, 24, 0.75, 431, 0.9, 4_287, 0.95, 7_062, 0.99, 17_091, 1, 60_000);
  private static final Sizes AGENT_PAUSE =
      Sizes.percentiles(
          0, 1.3, 0.01, 10, 0.1, 35, 0.25, 60, 0.5, 115, 0.75, 255, 0.9, 470, 0.99, 1_470, 1,
          2_900);
  private static final Sizes AGENT_TURNS =
      Sizes.percentiles(0, 1, 0.68, 1, 0.8, 2, 0.9, 3, 0.95, 4, 0.99, 8, 0.999, 17, 1, 43);

  private static final Map<String, Entry> ENTRIES = new LinkedHashMap<>();

  static {
    add(
        "chat",
        "Prompts of about a thousand tokens with answers of about two hundred, as a public chat"
            + " service sees them.",
        of -> chat(of).arrivals(Arrivals.gamma(RATE, 1.1)));
    add(
        "bursty",
        "Chat that arrives six times as fast in bursts of about ten seconds.",
        of -> chat(of).arrivals(Arrivals.bursts(RATE, 6, 10, 30)));
    add(
        "longtail",
        "Chat in which one prompt of two hundred has sixty thousand tokens or more.",
        of ->
            chat(of)
                .input(
                    Sizes.mixture(0.005, Sizes.boundedPareto(1.5, 60_000, 190_000), CHAT_INPUT)));
    add(
        "agents",
        "Conversations behind one shared prompt whose contexts grow to tens of thousands of"
            + " tokens.",
        of ->
            of.arrivals(Arrivals.poisson(RATE / 1.6))
                .systemPrompts(1, 0, Blocks.TOKENS)
                .input(AGENT_INPUT)
                .output(AGENT_OUTPUT)
                .sessions(Sessions.open(AGENT_TURNS, AGENT_ADDITION, AGENT_PAUSE)));
    add(
        "dialogues",
        "Chat in conversations of about eight turns, each of which waits for the answer before it"
            + " and for its reader.",
        of ->
            of.arrivals(Arrivals.poisson(RATE / 8))
                .systemPrompts(1, 0, 2 * Blocks.TOKENS)
                .input(Sizes.logNormal(150, 300).between(5, 8_000))
                .output(CHAT_OUTPUT)
                .sessions(
                    Sessions.closed(
                        Sizes.logNormal(6, 8).between(1, 60),
                        Sizes.logNormal(40, 90).between(1, 8_000),
                        Sizes.logNormal(15, 25).between(1, 300))));
    add(
        "assistants",
        "Single questions behind one of four hundred system prompts of four thousand tokens, some"
            + " far more popular than others.",
        of ->
            of.systemPrompts(400, 0.8, 8 * Blocks.TOKENS)
                .input(Sizes.logNormal(200, 350).between(5, 8_000))
                .output(CHAT_OUTPUT));
    add(
        "tenants",
        "Chat of thirty tenants, of which the first sends a quarter, each with sizes of its own.",
        of -> chat(of).arrivals(Arrivals.gamma(RATE, 1.4)).tenants(30, 1, 0.7));
    add(
        "models",
        "Chat with eight models, some far more popular than others.",
        of -> chat(of).models(8, 1));
    add(
        "vision",
        "Images with short questions; a few requests bring dozens of images.",
        of ->
            of.arrivals(Arrivals.gamma(RATE, 1.4))
                .input(
                    Sizes.percentiles(
                        0, 35, 0.05, 36, 0.25, 79, 0.5, 94, 0.75, 474, 0.9, 1_732, 0.99, 3_000, 1,
                        4_242))
                .images(
                    Sizes.percentiles(
                        0, 0.4, 0.02, 0.4, 0.03, 1, 0.85, 1, 0.95, 3, 0.99, 8, 0.999, 39, 1, 49),
                    Sizes.percentiles(0, 4, 0.05, 6, 0.25, 154, 0.5, 352, 0.75, 1_196, 1, 1_280))
                .output(
                    Sizes.percentiles(
                        0, 2, 0.05, 4, 0.25, 28, 0.5, 102, 0.75, 182, 0.95, 327, 0.99, 563, 0.999,
                        2_000, 1, 2_000)));
    add(
        "embeddings",
        "Texts from a sentence to a few pages for an encoder, without output.",
        of ->
            of.encoding()
                .arrivals(Arrivals.poisson(50))
                .input(Sizes.logNormal(180, 320).between(4, 8_192)));
    add(
        "jobs",
        "Documents of a few pages to hundreds, at about a quarter of a second per page.",
        of ->
            of.input(Sizes.boundedPareto(1.1, 1, 300))
                .jobs(Sizes.logNormal(230, 250).between(100, 2_000)));
    add(
        "summaries",
        "Long documents with short answers.",
        of ->
            of.input(Sizes.logNormal(6_000, 8_500).between(500, 60_000))
                .output(Sizes.logNormal(120, 150).between(10, 600)));
    add(
        "writing",
        "Short prompts with long answers.",
        of ->
            of.input(Sizes.logNormal(180, 260).between(10, 4_000))
                .output(Sizes.logNormal(1_400, 1_800).between(50, 8_000)));
    add(
        DIURNAL,
        "Chat over two days in small, with four times as much by day as by night.",
        Catalogue::chat);
    add(
        "regions",
        "Chat from three regions, each of which must be served in its own.",
        of -> chat(of).regions("eu", "us", "asia"));
  }

  private Catalogue() {}

  private static void add(String name, String description, Options options) {
    ENTRIES.put(name, new Entry(description, options));
  }

  private static GeneratedWorkload.Builder chat(GeneratedWorkload.Builder of) {
    return of.arrivals(Arrivals.poisson(RATE)).input(CHAT_INPUT).output(CHAT_OUTPUT);
  }

  static Workload byName(String name, long seed, long requests) {
    Entry entry = ENTRIES.get(name);
    if (entry == null) {
      throw new IllegalArgumentException(
          "workload: " + name + " (expected: one of " + String.join(", ", ENTRIES.keySet()) + ")");
    }
    GeneratedWorkload.Builder builder =
        entry.options.set(GeneratedWorkload.builder(name)).seed(seed).requests(requests);
    if (name.equals(DIURNAL)) {
      builder.arrivals(Arrivals.diurnal(RATE, SWING, requests / RATE / DAYS));
    }
    return builder.build();
  }

  static Map<String, String> descriptions() {
    Map<String, String> descriptions = new LinkedHashMap<>();
    ENTRIES.forEach((name, entry) -> descriptions.put(name, entry.description));
    return Collections.unmodifiableMap(descriptions);
  }
}
