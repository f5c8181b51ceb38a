package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.examples.model.ClassPathFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes business documents: sentences that fit the kind of document, with names, dates, goods and
 * amounts filled in. Equal seeds give equal documents.
 *
 * <p>A page holds {@value #MIN_WORDS} words and what completes the last sentence. That is a short
 * page, as of a form, so that a small machine embeds a 50-page contract in half a second.
 *
 * <p>Not safe for use by several threads at once.
 */
final class DocumentGenerator {
  /** The least number of words on a page. */
  public static final int MIN_WORDS = 40;

  private static final Pattern BLANK = Pattern.compile("\\{(\\w+)}");
  private static final LocalDate FIRST_DAY = LocalDate.of(2022, 1, 1);
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("d MMMM yyyy", Locale.ENGLISH);

  private final SplittableRandom random;
  private final List<DocumentKind> deck = new ArrayList<>();
  private final Map<DocumentKind, List<String>> sentences = new EnumMap<>(DocumentKind.class);
  private final Map<String, List<String>> words = new HashMap<>();

  /**
   * Creates a generator.
   *
   * @param seed where the sequence of documents starts
   * @throws IOException if the sentences are not on the class path
   */
  public DocumentGenerator(long seed) throws IOException {
    random = new SplittableRandom(seed);
    for (DocumentKind kind : DocumentKind.values()) {
      try (InputStream text = ClassPathFile.open(DocumentGenerator.class, kind + ".txt")) {
        sentences.put(
            kind, new String(text.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
      }
    }
    Properties lists = new Properties();
    try (InputStream text = ClassPathFile.open(DocumentGenerator.class, "words.properties")) {
      lists.load(new InputStreamReader(text, StandardCharsets.UTF_8));
    }
    for (String name : lists.stringPropertyNames()) {
      words.put(name, List.of(lists.getProperty(name).split("\\|")));
    }
  }

  /**
   * Writes the next document, of a length drawn at random. The kinds come in random order, each as
   * often in every hundred documents as its share says.
   */
  public Document next() {
    if (deck.isEmpty()) {
      shuffleDeck();
    }
    return next(deck.remove(deck.size() - 1));
  }

  private void shuffleDeck() {
    for (DocumentKind kind : DocumentKind.values()) {
      for (int i = 0; i < kind.perHundred(); i++) {
        deck.add(random.nextInt(deck.size() + 1), kind);
      }
    }
  }

  /** Writes the next document, of a length drawn at random from the range of the kind. */
  public Document next(DocumentKind kind) {
    int count = random.nextInt(kind.minPages(), kind.maxPages() + 1);
    List<String> pages = new ArrayList<>(count);
    for (int number = 1; number <= count; number++) {
      pages.add(page(kind, number));
    }
    return new Document(kind, pages);
  }

  private String page(DocumentKind kind, int number) {
    List<String> choices = sentences.getOrDefault(kind, List.of());
    StringBuilder text = new StringBuilder();
    int length = 0;
    if (number > 1) {
      text.append("Page ").append(number).append(". ");
    }
    int first = random.nextInt(choices.size());
    for (int i = first; length < MIN_WORDS; i++) {
      String sentence = filled(choices.get(i % choices.size()));
      length += sentence.split(" ").length;
      text.append(sentence).append(' ');
    }
    return text.toString().strip();
  }

  private String filled(String sentence) {
    return BLANK
        .matcher(sentence)
        .replaceAll(blank -> Matcher.quoteReplacement(word(blank.group(1))));
  }

  private String word(String blank) {
    return switch (blank) {
      case "number" -> Integer.toString(random.nextInt(2, 90));
      case "percent" -> random.nextInt(1, 30) + "." + random.nextInt(10);
      case "amount" -> "EUR " + random.nextInt(10, 900) + " thousand";
      case "date" -> FIRST_DAY.plusDays(random.nextInt(1500)).format(DATE);
      default -> {
        List<String> list = words.getOrDefault(blank, List.of());
        yield list.get(random.nextInt(list.size()));
      }
    };
  }
}
