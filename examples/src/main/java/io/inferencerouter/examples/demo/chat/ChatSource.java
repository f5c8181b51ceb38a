package io.inferencerouter.examples.demo.chat;

import io.inferencerouter.examples.demo.scenario.Capacity;
import io.inferencerouter.examples.demo.workload.Workload;
import io.inferencerouter.examples.languagemodel.TinyKjv;
import io.inferencerouter.examples.model.ClassPathFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Draws questions of very different length from the text that the model knows (some chapters of the
 * King James Bible, a verse a line), asks the model directly what it will say, and counts what that
 * costs. Every question states the same bound for its answer, and most answers stay far below it:
 * where an answer ends is the model's business. Not safe for use by several threads at once.
 */
final class ChatSource implements Workload.Source {
  /** The bound that every question states, in tokens. */
  static final int MAX_TOKENS = 160;

  private static final String VERSES = "verses.txt";

  private final SplittableRandom random;
  private final TinyKjv model;
  private final ChatFleet fleet;
  private final double load;
  private final List<String> verses;
  private final List<ChatKind> deck = new ArrayList<>();
  private int drawn;
  private long inputTokens;
  private long outputTokens;

  /**
   * Creates a source.
   *
   * @param seed equal seeds give equal questions
   * @param model counts the tokens and answers
   * @param fleet who is to be kept busy
   * @param load to which degree, above zero
   * @throws IOException if the text cannot be read
   */
  ChatSource(long seed, TinyKjv model, ChatFleet fleet, double load) throws IOException {
    this.random = new SplittableRandom(seed);
    this.model = model;
    this.fleet = fleet;
    this.load = load;
    this.verses = verses();
  }

  /** The text from which questions are drawn, a verse each. */
  static List<String> verses() throws IOException {
    try (InputStream text = ClassPathFile.open(ChatSource.class, VERSES)) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  /**
   * Draws the next question. The kinds come in random order, each as often in every hundred
   * questions as its share says.
   */
  @Override
  public Workload.Draft next() throws IOException {
    if (deck.isEmpty()) {
      for (ChatKind kind : ChatKind.values()) {
        for (int i = 0; i < kind.perHundred(); i++) {
          deck.add(random.nextInt(deck.size() + 1), kind);
        }
      }
    }
    return draft(question(deck.remove(deck.size() - 1), MAX_TOKENS));
  }

  /** The given question, which counts as drawn, too. */
  Workload.Draft draft(ChatQuestion question) throws IOException {
    ExpectedAnswer expected = ExpectedAnswer.to(question, model);
    drawn++;
    inputTokens += expected.promptTokens();
    outputTokens += expected.tokens();
    return (number, arrival) -> new ChatJob(number, question, expected, arrival);
  }

  /** A question of the given kind. */
  ChatQuestion question(ChatKind kind, int maxTokens) {
    int wanted = random.nextInt(kind.minTokens(), kind.maxTokens() + 1);
    int verse = random.nextInt(verses.size());
    List<String> lines = new ArrayList<>();
    int tokens = 0;
    while (tokens < wanted) {
      String line = verses.get(verse++ % verses.size());
      lines.add(line);
      tokens += model.encode(line).length + 1;
    }
    List<String> messages = kind == ChatKind.DIALOGUE ? lines : List.of(String.join("\n", lines));
    return new ChatQuestion(kind, messages, maxTokens, random.nextLong());
  }

  /** What the endpoints get done of questions like those drawn so far. */
  Capacity capacity() {
    return fleet.capacity((double) inputTokens / drawn, (double) outputTokens / drawn);
  }

  @Override
  public Duration window() {
    return Duration.ofNanos(Math.round(drawn / (load * capacity().total()) * 1e9));
  }
}
